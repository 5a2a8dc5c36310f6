/** Primitives without operands: what a program is given, what it holds, and counting. WebGPU: iota.wgsl. */
import { misuse, requireShape, sizeOf, type TensorType } from '../expression.js';
import type { Primitive } from '../primitive.js';
import { rowMajor } from '../view.js';

const asked = (name: string, wanted: TensorType | undefined): TensorType => {
  if (wanted === undefined) throw misuse(name, [], 'needs a shape and a dtype');
  requireShape(name, [wanted], wanted.shape);
  return { shape: wanted.shape, dtype: wanted.dtype };
};

/** A value that the program is given by name. */
export const input: Primitive<'input'> = {
  name: 'input',
  type: (_, attributes, wanted) => asked(`input '${attributes.name}'`, wanted),
  lowering: { kind: 'bound' },
};

/** A value that the program holds. */
export const constant: Primitive<'constant'> = {
  name: 'constant',
  type: (_, { values }, wanted) => {
    const type = asked('constant', wanted);
    if (values.length !== sizeOf(type.shape))
      throw misuse(
        'constant',
        [type],
        `the shape holds ${sizeOf(type.shape)} elements, not ${values.length}`,
      );
    return type;
  },
  lowering: { kind: 'bound' },
};

/** Each element its coordinate along one axis, counted from zero. */
export const iota: Primitive<'iota'> = {
  name: 'iota',
  type: (_, { axis }, wanted) => {
    const type = asked('iota', wanted);
    if (type.shape[axis] === undefined)
      throw misuse('iota', [type], `axis ${axis} is not one of the ${type.shape.length} axes`);
    return type;
  },
  lowering: {
    kind: 'compute',
    reads: 'views',
    host: ({ attributes: { axis }, output }) => {
      const stride = rowMajor(output.shape)[axis] ?? 1;
      const size = output.shape[axis] ?? 1;
      for (let i = 0; i < output.data.length; i++) output.data[i] = Math.floor(i / stride) % size;
    },
  },
};
