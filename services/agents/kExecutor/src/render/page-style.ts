// The style of a rendered page, whole and constant: its hash is the only style the page's policy allows. Colours follow the reader's light or dark setting.

export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --raised: #f6f7f9; --line: #dfe3e8; --text: #1c2430; --quiet: #5b6675; --link: #1558b0;
  --c1: #2f6fbf; --c2: #c9632b; --c3: #2f8f6b; --c4: #8a5bb5; --c5: #b58a1d; --c6: #bf4a6b; --c7: #3f8fa5; --c8: #75808e;
  --added: #e3f3ea; --removed: #fbe7ea;
  --mono: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14181e; --raised: #1c222a; --line: #313a45; --text: #e4e8ee; --quiet: #9aa6b4; --link: #7fb2f5;
    --c1: #5b9be8; --c2: #e58a55; --c3: #55bd94; --c4: #b48ae0; --c5: #d9b04a; --c6: #e5789a; --c7: #62b8d1; --c8: #98a4b3;
    --added: #17332a; --removed: #3a1d25;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: break-word; }
.page { max-width: 76rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
header h1 { margin: 0; font-size: 2.1rem; line-height: 1.2; letter-spacing: -0.02em; }
header p { margin: .4rem 0 0; color: var(--quiet); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; margin: 1.75rem 0 0; }
.facts div { background: var(--raised); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem .7rem; }
.facts dt { color: var(--quiet); font-size: .82rem; }
.facts dd { margin: 0; }
.facts .value { font-size: 1.55rem; font-weight: 600; line-height: 1.25; letter-spacing: -0.01em; font-variant-numeric: tabular-nums; }
.facts .note { color: var(--quiet); font-size: .82rem; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: 2.5rem; margin-top: 2.25rem; }
nav { font-size: .92rem; }
nav h2 { margin: 0 0 .5rem; font-size: .82rem; font-weight: 600; color: var(--quiet); border: 0; padding: 0; }
nav ul { list-style: none; margin: 0; padding: 0; columns: 2; }
nav li { margin: 0; break-inside: avoid; }
nav a { display: block; padding: .18rem 0; color: var(--text); text-decoration: none; }
nav a:hover { color: var(--link); text-decoration: underline; }
nav .level-3 { padding-left: 1rem; color: var(--quiet); }
@media (min-width: 70rem) {
  .columns { grid-template-columns: 13rem minmax(0, 1fr); gap: 3rem; }
  nav > div { position: sticky; top: 1.5rem; max-height: calc(100vh - 3rem); overflow: auto; border-left: 2px solid var(--line); padding-left: 1rem; }
  nav ul { columns: 1; }
}
main > :first-child { margin-top: 0; }
h2 { margin: 2.75rem 0 .75rem; padding-bottom: .35rem; border-bottom: 1px solid var(--line); font-size: 1.4rem; line-height: 1.3; letter-spacing: -0.01em; }
h3 { margin: 1.9rem 0 .5rem; font-size: 1.08rem; }
p, ul, ol { margin: .75rem 0; }
li { margin: .2rem 0; }
a { color: var(--link); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px; }
code { font-family: var(--mono); font-size: .875em; background: var(--raised); border: 1px solid var(--line); border-radius: .3rem; padding: .05em .3em; }
pre { background: var(--raised); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1.1rem; overflow-x: auto; line-height: 1.45; }
pre code { background: none; border: 0; padding: 0; }
.diff { padding: .6rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.diff span { display: block; padding: .05rem 1.1rem .05rem 2.1rem; text-indent: -1ch; border-left: 3px solid transparent; }
.diff .added { background: var(--added); border-color: var(--c3); }
.diff .removed { background: var(--removed); border-color: var(--c6); }
.diff .same { color: var(--quiet); }
.diff .place { color: var(--quiet); font-size: .9em; }
blockquote { margin: 1rem 0; padding: .1rem 1rem; border-left: 3px solid var(--line); color: var(--quiet); }
hr { border: 0; border-top: 1px solid var(--line); margin: 2rem 0; }
img { max-width: 100%; }
.table { overflow-x: auto; margin: 1rem 0; border: 1px solid var(--line); border-radius: .6rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { padding: .45rem .85rem; text-align: left; vertical-align: top; }
thead th { background: var(--raised); color: var(--quiet); font-weight: 600; font-size: .84rem; white-space: nowrap; }
tbody tr { border-top: 1px solid var(--line); }
tbody th { font-weight: 400; }
td.right, th.right { text-align: right; white-space: nowrap; }
td.center, th.center { text-align: center; }
td code { background: none; border: 0; padding: 0; }
figure.chart { margin: 1.5rem 0; padding: 1.1rem 1.25rem 1rem; border: 1px solid var(--line); border-radius: .6rem; break-inside: avoid; }
figcaption { margin-bottom: .9rem; font-weight: 600; }
figure.chart { overflow-x: auto; }
svg { display: block; width: 100%; min-width: 32rem; height: auto; font: 13px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }
svg text { fill: var(--text); }
svg .number { fill: var(--quiet); font-variant-numeric: tabular-nums; }
svg .total { font-size: 17px; font-weight: 600; }
svg .axis { stroke: var(--line); }
svg .slice { stroke: var(--page); stroke-width: 1.5; }
svg .tile { fill-opacity: .24; stroke-width: 1; stroke-opacity: .65; }
.c1 { fill: var(--c1); stroke: var(--c1); } .c2 { fill: var(--c2); stroke: var(--c2); } .c3 { fill: var(--c3); stroke: var(--c3); } .c4 { fill: var(--c4); stroke: var(--c4); }
.c5 { fill: var(--c5); stroke: var(--c5); } .c6 { fill: var(--c6); stroke: var(--c6); } .c7 { fill: var(--c7); stroke: var(--c7); } .c8 { fill: var(--c8); stroke: var(--c8); }
svg rect:not(.tile) { stroke: none; }
details { margin-top: .9rem; font-size: .92rem; }
summary { cursor: pointer; color: var(--quiet); }
details .table { max-width: 34rem; }
.empty { color: var(--quiet); }
footer { margin-top: 3.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: .88rem; }
@media (max-width: 40rem) { .page { padding: 1.5rem 1rem 3rem; } nav ul { columns: 1; } }
@media print {
  :root { color-scheme: light; --page: #ffffff; --raised: #f6f7f9; --line: #d5dae0; --text: #000000; --quiet: #48525e; --link: #000000;
    --c1: #2f6fbf; --c2: #c9632b; --c3: #2f8f6b; --c4: #8a5bb5; --c5: #b58a1d; --c6: #bf4a6b; --c7: #3f8fa5; --c8: #75808e; }
  body { font-size: 10.5pt; }
  .page { max-width: none; padding: 0; }
  .columns { display: block; margin-top: 1rem; }
  nav, figure details { display: none; }
  .table { overflow: visible; }
  h2, h3, figcaption { break-after: avoid; }
  tr, figure, .facts div { break-inside: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
