declare const brand: unique symbol;

/** A string that must not be mixed up with others of its kind; make one with the parser that its type names. */
export type Brand<Name extends string> = string & { readonly [brand]: Name };
