/** The path of a line through `values`, in SVG's words; null breaks it, for it is a gap and never 0. */
export function linePath(values: readonly (number | null)[], x: (index: number) => string, y: (value: number) => string): string {
  let pen = 'M';
  let path = '';
  values.forEach((value, index) => {
    if (value !== null) path += `${pen}${x(index)} ${y(value)}`;
    pen = value === null ? 'M' : 'L';
  });
  return path;
}
