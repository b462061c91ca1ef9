import { formatTime } from './format.ts';
import { saveFile } from './save-file.ts';
import type { ChartSeries, TimeChartProps } from './time-chart.tsx';
import { toCsv } from './to-csv.ts';

const PAD = 16;
const HEAD_PX = 64;
const SCALE = 2;

const wordsOf = ({ title, fileWords }: TimeChartProps): string => (fileWords === undefined ? title : `${fileWords} ${title}`);

/** The figures of a chart: exact, in the units they have inside (ms, per second), an empty cell with its reason where nothing is known. */
export function saveChartCsv(props: TimeChartProps, columns: readonly ChartSeries[]): void {
  const unit = { duration: ' (ms)', rate: ' (per second)', count: '', bytes: ' (bytes)', percent: ' (share)' }[props.format];
  const lines = props.points.map((point) => [point.at, ...columns.map((one) => point.values[one.key] ?? null), point.reason ?? null]);
  saveFile(wordsOf(props), 'csv', new Blob([toCsv([['time', ...columns.map((one) => `${one.label}${unit}`), 'unknown because'], ...lines])], { type: 'text/csv;charset=utf-8' }));
}

/**
 * The drawing as it stands on the page, with its title, its sentence, its time and a legend, as a picture.
 * @throws Error where the drawing is not there yet, or the browser makes no picture of it
 */
export async function saveChartPng(props: TimeChartProps, figure: HTMLElement | null): Promise<void> {
  const drawn = figure?.querySelector<SVGSVGElement>('svg.recharts-surface');
  if (!figure || !drawn) throw new Error('the chart is not drawn yet');
  const { width, height } = drawn.getBoundingClientRect();
  const canvas = document.createElement('canvas');
  canvas.width = (width + 2 * PAD) * SCALE;
  canvas.height = (height + HEAD_PX + 2 * PAD + 18) * SCALE;
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('no canvas');
  const look = getComputedStyle(figure);
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standalone(drawn, width, height))}`;
  await picture.decode();
  pen.scale(SCALE, SCALE);
  pen.fillStyle = look.backgroundColor;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = look.color;
  pen.font = `600 15px ${look.fontFamily}`;
  pen.fillText(wordsOf(props), PAD, PAD + 14);
  pen.font = `12px ${look.fontFamily}`;
  pen.fillText(fit(pen, props.sentence, width), PAD, PAD + 33);
  const [from, to] = [props.range?.from ?? props.points[0]?.at, props.range?.to ?? props.points.at(-1)?.at];
  pen.fillText(`${formatTime(from)} to ${formatTime(to)}`, PAD, PAD + 50);
  pen.drawImage(picture, PAD, PAD + HEAD_PX, width, height);
  let x = PAD;
  for (const [index, one] of props.series.entries()) {
    pen.fillStyle = look.getPropertyValue(`--color-series-${index + 1}`);
    pen.fillRect(x, PAD + HEAD_PX + height + 9, 14, 3);
    pen.fillStyle = look.color;
    pen.fillText(one.label, x + 19, PAD + HEAD_PX + height + 14);
    x += 19 + pen.measureText(one.label).width + 18;
  }
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error('the browser made no picture');
  saveFile(wordsOf(props), 'png', blob);
}

/** The drawing with the colours it has here written into it: a picture of its own knows nothing of the page's styles. */
function standalone(drawn: SVGSVGElement, width: number, height: number): string {
  const copy = drawn.cloneNode(true) as SVGSVGElement;
  const sources = [...drawn.querySelectorAll<SVGElement>('*')];
  for (const [index, element] of [...copy.querySelectorAll<SVGElement>('*')].entries()) {
    const source = sources[index];
    if (!source) continue;
    const style = getComputedStyle(source);
    for (const name of ['fill', 'stroke'] as const) if (element.hasAttribute(name)) element.setAttribute(name, style[name]);
    if (element.tagName === 'text' || element.tagName === 'tspan') element.setAttribute('font-family', style.fontFamily);
  }
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  return new XMLSerializer().serializeToString(copy);
}

function fit(pen: CanvasRenderingContext2D, text: string, width: number): string {
  let shown = text;
  while (shown.length > 1 && pen.measureText(shown).width > width) shown = `${shown.slice(0, -2)}…`;
  return shown;
}
