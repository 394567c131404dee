/** The page's style sheet. Colours are named by what they mean; the drawings take theirs from the same names. */
import { drawingStyles } from './styles-drawing.ts';

const colours = `
:root {
  color-scheme: light dark;
  --paper: #f5f3ee; --surface: #fffefb; --ink: #1c2127; --soft: #59616b; --line: #ddd8cc; --link: #1a5a9e;
  --fresh: #14713f; --calm: #33667a; --busy: #1b63c0; --waiting: #835b00; --held: #6f45ad; --broken: #b3261e;
  --unknown: #59616b; --shade: 0 1px 2px rgb(40 34 20 / .06), 0 6px 20px rgb(40 34 20 / .05);
  --wash: 9%;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --surface: #1c2026; --ink: #e8eaed; --soft: #a3acb8; --line: #343b45; --link: #84bdff;
    --fresh: #55cd8c; --calm: #8fc6d6; --busy: #7cb8ff; --waiting: #e6b850; --held: #c6a8f7; --broken: #ff8f85;
    --unknown: #a3acb8; --shade: none; --wash: 13%;
  }
}
.tone-fresh, .state-green { --tone: var(--fresh) } .tone-calm { --tone: var(--calm) }
.tone-busy, .state-running { --tone: var(--busy) } .tone-waiting, .state-queued, .state-neither { --tone: var(--waiting) }
.tone-held { --tone: var(--held) } .tone-broken, .state-red { --tone: var(--broken) }
.tone-unknown, .tone-source, .state-not-built { --tone: var(--unknown) }
`;

const ground = `
*, ::before, ::after { box-sizing: border-box }
html { scroll-padding-top: 4.5rem; -webkit-text-size-adjust: 100% }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, "Ubuntu Sans", Ubuntu, Cantarell, "Segoe UI", Roboto, sans-serif }
h1, h2, h3, h4, p, ul, ol { margin: 0; padding: 0 }
ul, ol { list-style: none }
h1 { font-size: clamp(1.5rem, 1.1rem + 1.9vw, 2.1rem); line-height: 1.15; letter-spacing: -.018em; font-weight: 680; text-wrap: balance }
h2 { font-size: 1.15rem; letter-spacing: -.008em; font-weight: 650 }
h3 { font-size: 1.06rem; font-weight: 650 }
h4 { font-size: .8rem; font-weight: 600; color: var(--soft) }
a { color: var(--link); text-underline-offset: .18em; text-decoration-thickness: from-font }
code { font: .86em/1.4 ui-monospace, "Ubuntu Mono", "Cascadia Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere }
bdi, .by, p { overflow-wrap: anywhere }
time { font-variant-numeric: tabular-nums }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 4px }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.skip { position: absolute; left: 1rem; top: -4rem; background: var(--surface); padding: .6rem 1rem; z-index: 3 }
.skip:focus { top: .6rem }
.sheet { position: absolute }
.hint, .by, .none { color: var(--soft); font-size: .86rem }
.icon { width: 1em; height: 1em; flex: none; vertical-align: -.125em; fill: none; color: var(--tone, currentColor) }
.disc { fill: var(--tone, currentColor) }
.icon .disc, symbol .disc { stroke: var(--tone, currentColor) }
.stroke { stroke: var(--surface); stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; fill: none }
.line { stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; fill: none }
.track { stroke: var(--tone); stroke-opacity: .35; stroke-width: 2.4; fill: none }
.arc { stroke: var(--tone); stroke-width: 2.4; stroke-linecap: round; fill: none }
.i-turn { animation: turn 1.6s linear infinite }
@keyframes turn { to { transform: rotate(360deg) } }
@media (prefers-reduced-motion: reduce) { *, ::before, ::after { animation: none !important; transition: none !important } }
`;

const frame = `
.top { position: sticky; top: 0; z-index: 2; display: flex; align-items: center; gap: 1.1rem; padding: .65rem max(1rem, calc((100% - 72rem) / 2));
  background: color-mix(in srgb, var(--paper) 88%, transparent); backdrop-filter: blur(10px); border-bottom: 1px solid var(--line) }
.brand { font-weight: 680; letter-spacing: -.01em; display: flex }
.brand a { color: inherit; text-decoration: none; display: inline-flex; align-items: center; gap: .5rem }
.mark { width: 1.5rem; height: 1.5rem; stroke: var(--fresh); fill: none; stroke-width: 2.4; stroke-linecap: round; stroke-linejoin: round }
.live { margin-left: auto; display: flex; align-items: center; gap: .45rem; font-size: .86rem; color: var(--soft); font-variant-numeric: tabular-nums }
.dot { width: .55rem; height: .55rem; border-radius: 50%; background: var(--unknown) }
.live[data-state=live] .dot { background: var(--fresh); animation: beat 2.4s ease-out infinite }
.live[data-state=lost] .dot { background: var(--broken) }
@keyframes beat { from { box-shadow: 0 0 0 0 color-mix(in srgb, var(--fresh) 55%, transparent) } 70%, to { box-shadow: 0 0 0 .5rem transparent } }
main, .end { max-width: 74rem; margin: 0 auto; padding: 0 1rem }
main { display: grid; gap: 2.4rem; padding-top: 1.6rem; grid-template-columns: minmax(0, 1fr) }
main section > h2 { margin-bottom: .2rem }
.end { margin-top: 3.5rem; padding-block: 1.2rem 2.5rem; color: var(--soft); font-size: .86rem; border-top: 1px solid var(--line) }
.headline { display: flex; gap: 1.1rem; align-items: flex-start; padding: 1.5rem 1.6rem; border-radius: 16px;
  background: color-mix(in srgb, var(--tone) var(--wash), var(--surface)); border: 1px solid color-mix(in srgb, var(--tone) 32%, var(--surface)) }
.headline > .icon { width: 2.3rem; height: 2.3rem; margin-top: .05rem }
.headline p { margin-top: .45rem; max-width: 62rem }
.counts { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .9rem }
.counts a { display: inline-flex; gap: .4rem; align-items: center; padding: .25rem .7rem; border-radius: 99px; background: var(--surface); border: 1px solid var(--line); color: var(--ink); text-decoration: none; font-size: .9rem }
.counts a:hover { border-color: var(--tone) }
#banners { display: grid; gap: .6rem } #banners:empty { display: none }
.note { display: flex; gap: .6rem; padding: .6rem .85rem; border-radius: 10px; font-size: .93rem; background: color-mix(in srgb, var(--tone) var(--wash), var(--surface)) }
.note .icon { margin-top: .28rem }
.alone { margin-bottom: -1.4rem }
`;

const pairs = `
.cards { display: grid; gap: 1.1rem; margin-top: .8rem; align-items: start; grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr)) }
#attention:has(.cards:empty) { display: none }
.pair { background: var(--surface); border: 1px solid var(--line); border-radius: 14px; padding: 1.15rem 1.25rem; box-shadow: var(--shade);
  display: grid; gap: .95rem; grid-template-columns: minmax(0, 1fr); border-top: 4px solid var(--tone) }
.pair:target { outline: 3px solid var(--link); outline-offset: 2px }
.pair > header { display: flex; gap: .8rem; justify-content: space-between; align-items: flex-start }
.into { color: var(--soft); padding: 0 .15em } .into .icon { --tone: currentColor }
.pill { display: inline-flex; align-items: center; gap: .4rem; flex: none; padding: .16rem .65rem .16rem .45rem; border-radius: 99px; font-size: .86rem; font-weight: 600;
  color: var(--tone); background: color-mix(in srgb, var(--tone) var(--wash), var(--surface)) }
.pill .stroke { stroke: var(--surface) }
.why { display: grid; gap: .35rem } .why h4 { margin-top: .3rem }
.unblock b { display: block; font-size: .8rem; font-weight: 600; color: var(--soft) }
.unblock { padding-left: .8rem; border-left: 3px solid color-mix(in srgb, var(--tone) 45%, var(--surface)) }
.files { display: flex; flex-wrap: wrap; gap: .3rem .4rem }
.files code { display: inline-block; padding: .08rem .45rem; border-radius: 6px; background: color-mix(in srgb, var(--broken) var(--wash), var(--surface)) }
.tips { position: relative; padding-left: 1.25rem; display: grid; gap: .1rem }
.tips::before { content: ""; position: absolute; left: .3rem; top: .8rem; bottom: 2.2rem; border-left: 2px dashed var(--line) }
.tip { position: relative }
.tip::before { content: ""; position: absolute; left: -1.25rem; top: .46rem; width: .72rem; height: .72rem; border-radius: 50%; background: var(--surface); border: 2.5px solid var(--soft) }
.tip:last-child::before { background: var(--tone); border-color: var(--tone) }
.branch { display: block; font-size: .93rem }
.commit { display: block } .commit code { color: var(--soft) }
.by { display: block }
.between { font-size: .86rem; color: var(--soft); padding: .15rem 0 }
.between:empty { min-height: .5rem }
.builders { display: grid; gap: .3rem; margin-top: .25rem }
.builders li { display: flex; flex-wrap: wrap; gap: 0 .5rem; align-items: baseline }
.builders .icon { align-self: center } .builders .by { margin-left: auto }
details summary { cursor: pointer; font-size: .93rem; color: var(--soft) }
details summary .by { display: inline }
.moves { display: grid; gap: .6rem; margin-top: .6rem; padding-left: .9rem; border-left: 2px solid var(--line) }
.pair > footer { display: flex; gap: .6rem; flex-wrap: wrap }
.button, button { font: inherit; font-size: .93rem; font-weight: 550; display: inline-block; padding: .42rem .95rem; border-radius: 9px; cursor: pointer; text-decoration: none;
  border: 1px solid color-mix(in srgb, var(--ink) 26%, var(--surface)); background: var(--surface); color: var(--ink) }
.button:hover, button:hover { border-color: var(--link); color: var(--link) }
.main { background: var(--ink); color: var(--surface); border-color: var(--ink) }
.main:hover { background: var(--link); border-color: var(--link); color: var(--surface) }
.filter { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .7rem; margin: .7rem 0 }
input { font: inherit; padding: .42rem .75rem; border-radius: 9px; border: 1px solid color-mix(in srgb, var(--ink) 42%, var(--surface)); background: var(--surface); color: var(--ink); min-width: 0; max-width: 100% }
.filter input { flex: 0 1 22rem } .filter output { color: var(--soft); font-size: .9rem }
.rows { border: 1px solid var(--line); border-radius: 14px; overflow: hidden; background: var(--surface) }
.row { display: grid; grid-template-columns: 9rem minmax(0, 17rem) minmax(0, 1fr); gap: .2rem 1rem; align-items: baseline; padding: .5rem 1rem; border-left: 4px solid var(--tone) }
.rows li + li .row { border-top: 1px solid var(--line) }
.row .pill { justify-self: start; padding-left: .65rem } .row .text { color: var(--soft); font-size: .93rem; overflow-wrap: anywhere }
.row a { color: var(--ink); font-weight: 600; text-decoration: none } .row a:hover { text-decoration: underline }
.project { display: block; font-weight: 400; font-size: .82rem; color: var(--soft) }
.filtered { display: none }
.changed { animation: changed 2.2s ease-out }
@keyframes changed { from { background-color: color-mix(in srgb, var(--tone, var(--link)) 26%, var(--surface)) } }
.act { max-width: 44rem; display: grid; gap: 1.1rem }
.act fieldset { border: 1px solid var(--line); border-radius: 12px; padding: .8rem 1.1rem 1.1rem; margin: 0; display: grid; gap: .8rem; min-width: 0; background: var(--surface) }
.act legend { font-weight: 600; padding: 0 .4rem }
.act label { display: grid; gap: .25rem; font-weight: 550 } .act .choice { display: flex; gap: .5rem; align-items: baseline }
.act .buttons { display: flex; gap: .7rem; flex-wrap: wrap; align-items: center }
@media (max-width: 45rem) {
  .headline { padding: 1.1rem; gap: .8rem; border-radius: 12px } .headline > .icon { width: 1.7rem; height: 1.7rem }
  main { gap: 1.9rem; padding-top: 1rem } .pair { padding: 1rem }
  .row { grid-template-columns: minmax(0, 1fr) }
  .builders .by { margin-left: 1.5rem; width: 100% }
}
@media (max-width: 30rem) { .top nav { display: none } }
@media print { .top, .skip, .pair > footer, .filter { display: none } }
`;

export const styleSheet: string = [colours, ground, frame, pairs, drawingStyles]
  .join('')
  .replace(/\s*\n\s*/g, '\n');
