/** The configuration in force, with the place that each value comes from. */
export interface EffectiveConfig {
  readonly concurrency: { readonly model: number; readonly command: number };
  /** Role → model that is asked. */
  readonly routes: Readonly<Record<string, string>>;
}

export const BUILT_IN_CONFIG: EffectiveConfig = {
  concurrency: { model: 8, command: 2 },
  routes: {},
};
