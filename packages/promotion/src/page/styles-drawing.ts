/** The styles of what is drawn: the flow and the timeline. */
export const drawingStyles = `
.canvas { margin-top: .8rem; padding: 1.2rem; border: 1px solid var(--line); border-radius: 14px; background: var(--surface); box-shadow: var(--shade); overflow-x: auto }
.flow { display: block; max-width: 100%; height: auto; margin: 0 auto }
.flow text { font: 600 13px system-ui, "Ubuntu Sans", Ubuntu, sans-serif; fill: var(--ink) }
.flow .node text { text-anchor: middle } .flow .node .tip { font: 12px ui-monospace, "Ubuntu Mono", Menlo, Consolas, monospace; fill: var(--soft) }
.node rect { fill: color-mix(in srgb, var(--tone) var(--wash), var(--surface)); stroke: var(--tone); stroke-width: 1.5 }
.node.tone-source rect { fill: var(--paper); stroke: color-mix(in srgb, var(--soft) 55%, var(--surface)) }
.way { fill: none; stroke: var(--tone); stroke-width: 2.2 } .head { fill: var(--tone) }
.merge .way { stroke-dasharray: 6 5 }
.edge .label { fill: var(--surface); stroke: var(--tone); stroke-width: 1.2 } .edge circle { fill: var(--tone) }
.edge text { font-size: 12.5px; fill: var(--tone) }
.edge:hover .label, .edge:focus-visible .label { fill: color-mix(in srgb, var(--tone) 18%, var(--surface)) }
.edge:focus-visible { outline: none } .edge:focus-visible .label { stroke: var(--link); stroke-width: 3 }
.merge.tone-busy .way { animation: march 1.1s linear infinite }
.promotion.tone-busy circle { animation: breathe 1.4s ease-in-out infinite alternate }
@keyframes breathe { to { fill-opacity: .25 } }
@keyframes march { to { stroke-dashoffset: -22 } }
.tall { display: none }
@media (max-width: 45rem) { .wide { display: none } .tall { display: block } .canvas { padding: 1rem .6rem } }
.lanes { margin-top: .8rem; padding: .9rem 1.1rem; border: 1px solid var(--line); border-radius: 14px; background: var(--surface); box-shadow: var(--shade) }
.lane { display: grid; grid-template-columns: minmax(0, 11rem) minmax(0, 1fr); gap: .8rem; align-items: center; padding: .14rem 0 }
.lane .name { font-size: .86rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.lane.branch .name { font-weight: 600 }
.lane svg { display: block; overflow: visible } .lane line { stroke: var(--line) }
.lane rect { fill: var(--tone); stroke: var(--tone); stroke-width: 3 } .lane a:hover rect { stroke-width: 5 }
.lane a:focus-visible { outline: none } .lane a:focus-visible rect { stroke: var(--link); stroke-width: 6 }
.lane .state-running rect { fill-opacity: .45 }
.moved path { fill: var(--fresh); stroke: var(--surface); stroke-width: 1.5 }
.axis { display: flex; justify-content: space-between; margin-left: 11.8rem; font-size: .78rem; color: var(--soft); font-variant-numeric: tabular-nums; border-top: 1px solid var(--line); padding-top: .3rem; margin-top: .4rem }
#timeline h3 { margin: 1.3rem 0 .4rem }
.events { display: grid }
.events li { display: grid; grid-template-columns: auto 13.5rem minmax(0, 1fr); gap: .1rem .7rem; align-items: baseline; padding: .42rem 0; border-top: 1px solid var(--line) }
.events .icon { align-self: center } .events .when { color: var(--soft); font-size: .86rem } .events .what { overflow-wrap: anywhere }
@media (max-width: 45rem) {
  .lane { grid-template-columns: minmax(0, 1fr); gap: 0 } .axis { margin-left: 0 }
  .events li { grid-template-columns: auto minmax(0, 1fr) } .events .what { grid-column: 2 }
}
`;
