// The style of the page at `/`. Text only, so that it goes into every bundle and its hash into the page's policy.

export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f6f7f9, #14161a); --card: light-dark(#fff, #1c1f25); --line: light-dark(#dcdfe5, #353a44);
  --text: light-dark(#1a1d23, #e7e9ee); --quiet: light-dark(#5a6270, #a2aab8); --link: light-dark(#1d55b8, #93b8ff);
  --good: light-dark(#1d7a45, #5fcb8b); --bad: light-dark(#b3261e, #ff8f86); --wait: light-dark(#8a5a00, #efb955); --busy: light-dark(#1d55b8, #93b8ff);
}
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; }
header { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .25rem 1.5rem; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: var(--link); }
code { font: .875em ui-monospace, monospace; background: light-dark(#e9ebf0, #2a2f38); border-radius: 4px; padding: .15em .4em; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); font-size: .9rem; margin: 0 0 .5rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .25rem 1rem; }
#status { margin: .15rem 0 0; }
#status.failed { color: var(--bad); }
#bar { display: flex; align-items: center; gap: .75rem; }
#bar .quiet { margin: 0; }
table { border-collapse: collapse; width: 100%; font-size: .95rem; }
th, td { text-align: start; padding: .55rem 1rem .55rem 0; vertical-align: top; white-space: nowrap; }
th:last-child, td:last-child { padding-inline-end: 0; }
th { font-weight: 600; font-size: .85rem; color: var(--quiet); }
td { border-top: 1px solid var(--line); }
td.long { white-space: normal; overflow-wrap: anywhere; width: 100%; }
td.id { font: .85rem/1.7 ui-monospace, monospace; color: var(--quiet); }
td.none { color: var(--quiet); white-space: normal; }
.state::before { content: ""; display: inline-block; width: .55rem; height: .55rem; border-radius: 50%; margin-inline-end: .45rem; background: var(--quiet); }
.good::before { background: var(--good); }
.bad::before { background: var(--bad); }
.wait::before { background: var(--wait); }
.busy::before { background: var(--busy); }
progress { display: block; width: 100%; accent-color: var(--link); margin: .5rem 0; }
#building-failed { color: var(--bad); white-space: pre-wrap; overflow-wrap: anywhere; }
button { font: inherit; padding: .4rem 1rem; min-height: 2.5rem; border: 1px solid var(--quiet); border-radius: 8px; background: var(--card); color: inherit; cursor: pointer; }
button:hover { border-color: currentColor; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 4px; }
[hidden] { display: none !important; }
@media (max-width: 60rem) {
  table, tbody, tr, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr + tr { border-top: 1px solid var(--line); }
  tr { padding: .65rem 0; }
  td, td.long { border: 0; padding: .1rem 0; white-space: normal; overflow-wrap: anywhere; display: grid; grid-template-columns: 6.5rem 1fr; gap: .75rem; }
  td::before { content: attr(data-label); color: var(--quiet); font: .85rem/1.75 system-ui, sans-serif; }
  td.first { display: block; font-weight: 600; }
  td.first::before, td.none::before { content: none; }
  td.none { display: block; }
}
`;
