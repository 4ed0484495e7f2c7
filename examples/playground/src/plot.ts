// Two plots over the same steps: the rates, and the losses under them.

import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

/** Steps in rising order, and for each curve the values there. */
export type Data = [ArrayLike<number>, ...ArrayLike<number>[]]

export interface Plot {
  draw(data: Data, from: number, to: number, logarithmic: boolean): void
  /** Moves the vertical line. */
  mark(step: number): void
}

const COLORS = ['--a', '--b']
const DASHES = [[], [6, 4]]

/** A rate holds until the next step, so a curve is a staircase, and a jump is upright. */
const stepped = uPlot.paths.stepped!({ align: 1 })
/** For stairs that are narrower than a pixel: faster, and the picture is the same. */
const linear = uPlot.paths.linear!()

const css = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name)

/** 4.29G, 10k, 250 */
function short(step: number): string {
  const unit = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ].find(([size]) => step >= (size as number))
  return unit ? `${Number((step / (unit[0] as number)).toPrecision(3))}${unit[1]}` : String(step)
}

/** `step` is called where the pointer is, `zoom` with the part of the steps that was selected. */
export function plot(
  element: HTMLElement,
  step: (step: number) => void,
  zoom: (from: number, to: number) => void,
): Plot {
  let current: uPlot | undefined
  let kind = ''
  let marked = 0
  const size = () => ({ width: element.clientWidth, height: element.clientHeight })
  const place = (u: uPlot) => u.setCursor({ left: u.valToPos(marked, 'x'), top: 0 }, false)
  const nearest = (u: uPlot, left: number) => Math.round(u.posToVal(left, 'x'))

  const create = (data: uPlot.AlignedData, from: number, to: number, logarithmic: boolean) => {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize)
    const axis = (values: (u: uPlot, splits: number[]) => string[], size: number): uPlot.Axis => ({
      stroke: () => css('--text'),
      grid: { stroke: () => css('--grid'), width: 1 },
      ticks: { stroke: () => css('--grid'), width: 1 },
      font: `${0.85 * rem}px system-ui, sans-serif`,
      values,
      size,
    })
    const rate = (value: number | null) => {
      if (value === null) return ''
      const small = value !== 0 && Math.abs(value) < 1e-3
      return small
        ? Number(value.toPrecision(3)).toExponential()
        : String(Number(value.toPrecision(3)))
    }
    const options: uPlot.Options = {
      ...size(),
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
      scales: {
        x: { time: false, range: [from, to] },
        y: logarithmic
          ? { distr: 3 }
          : { range: (_, low, high) => [Math.min(low ?? 0, 0), high > 0 ? high * 1.05 : 1] },
      },
      axes: [
        axis(
          (_, splits) => splits.map((split) => (Number.isInteger(split) ? short(split) : '')),
          2 * rem,
        ),
        axis((_, splits) => splits.map(rate), 4 * rem),
      ],
      series: [
        {},
        ...data.slice(1).map((_, index): uPlot.Series => ({
          stroke: () => css(COLORS[index]!),
          dash: DASHES[index],
          width: 2,
          points: { show: false },
          paths: (u, ...rest) => (u.data[0].length > 2 * u.width ? linear : stepped)(u, ...rest),
        })),
      ],
      hooks: {
        setCursor: [
          (u) => u.cursor.left! >= 0 && u.cursor.event && step(nearest(u, u.cursor.left!)),
        ],
        setSelect: [
          (u) => {
            const { left, width } = u.select
            if (width > 0) zoom(nearest(u, left), nearest(u, left + width))
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          },
        ],
      },
    }
    current?.destroy()
    current = new uPlot(options, data, element)
    current.over.addEventListener('mouseleave', () => place(current!))
  }

  new ResizeObserver(() => {
    current?.setSize(size())
    if (current) place(current)
  }).observe(element)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => current?.redraw())

  return {
    draw(data, from, to, logarithmic) {
      const drawn = (value: number) => Number.isFinite(value) && !(logarithmic && value <= 0)
      const curves = data
        .slice(1)
        .map((curve) => Array.from(curve, (value) => (drawn(value) ? value : null)))
      const aligned = [data[0], ...curves] as uPlot.AlignedData
      const next = `${curves.length} ${from} ${to} ${logarithmic}`
      if (next !== kind) create(aligned, from, to, logarithmic)
      else current!.batch(() => current!.setData(aligned))
      kind = next
    },
    mark(step) {
      marked = step
      if (current) place(current)
    },
  }
}
