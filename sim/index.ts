export { explain, tell } from "./explain";
export { Totals } from "./totals";
export { runWorld } from "./world";
