import { WhaleFlowError } from '../base/errors.ts';

/** What a leaf has made and may not hand over: it would act outside of its tree. */
export class RefusedChange extends WhaleFlowError {
  constructor(
    message: string,
    parts: { readonly hint: string; readonly notes: readonly string[] },
  ) {
    super('WF6003', message, parts);
    this.name = 'RefusedChange';
  }
}
