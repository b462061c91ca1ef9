/**
 * Stands in the place of decimal.js-light (5 kB gzip), with which recharts works out ticks. Every axis here is given its ticks
 * (chart-ticks.ts: they know seconds, minutes and hours), so nothing ever makes one; if something does, it says so.
 */
export default class Decimal {
  constructor() {
    throw new TypeError('Give this axis its ticks (components/chart-ticks.ts): recharts must not work them out.');
  }
}
