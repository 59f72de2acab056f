import { positional } from '../signature.ts';
import { Bytes, BytesElements } from '../values/bytes.ts';
import type { Value } from '../values/object.ts';
import { type MethodTable, methodTable } from './method.ts';

const elems = positional('elems', 0);

export const bytesMethods: MethodTable = methodTable(
  (value: Value): value is Bytes => value instanceof Bytes,
  {
    elems: (self, _thread, args, kwargs) => {
      elems(args, kwargs);
      return new BytesElements(self);
    },
  },
);
