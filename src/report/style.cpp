#include "report/style.h"

namespace espalier::report {

const char* const kStyle = R"css(
:root{color-scheme:light dark;--page:#f6f5f1;--surface:#fffefb;--ink:#1c1f1b;--ink-2:#51564e;--muted:#6c7169;
--grid:#e7e5dd;--axis:#a9aca3;--line:#e2e0d7;--accent:#2f6b3f;--soft:#eaf1e8;--warn:#8a4b00;--warn-soft:#fbf0dd;--bad:#a4161a;
--b1:#e6f0fb;--b2:#cde1f7;--b3:#aaccf1;--b4:#86b5e9;--b5:#619ee0;
--o1:#fdeee2;--o2:#fbdcc4;--o3:#f7c096;--o4:#f1a46c;--o5:#e98848;--c1:#2a78d6;--c2:#d9581f;--c3:#12885f;--c4:#a37000;--c5:#c2487f;--c6:#5a48b8}
@media screen and (prefers-color-scheme:dark){:root{--page:#121411;--surface:#1a1d19;--ink:#ecefe9;--ink-2:#b3b9af;--muted:#8b9187;
--grid:#2b2f29;--axis:#5b6158;--line:#2e322c;--accent:#8cc79a;--soft:#1f2a20;--warn:#e9b872;--warn-soft:#2e2617;--bad:#ff8a84;
--b1:#1d2b3a;--b2:#1f3a57;--b3:#224a75;--b4:#265b94;--b5:#2b6cb3;
--o1:#33251b;--o2:#4a2f1c;--o3:#63391c;--o4:#7d441c;--o5:#97501d;--c1:#5b9bec;--c2:#ef7d4a;--c3:#38b888;--c4:#d9a22e;--c5:#e57fae;--c6:#9d8ff0}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
-webkit-text-size-adjust:100%;overflow-wrap:break-word}
main{max-width:1160px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:28px;line-height:1.2;margin:0;letter-spacing:-.01em}
h2{font-size:20px;margin:52px 0 4px;letter-spacing:-.005em}
h3{font-size:15px;margin:0 0 10px}
p{margin:8px 0;max-width:78ch}
.lead{color:var(--ink-2);font-size:14.5px;max-width:100ch}
.runs{color:var(--ink-2);margin:6px 0 0}
.eyebrow{color:var(--accent);font-weight:600;font-size:13px;letter-spacing:.08em;text-transform:uppercase;margin:0 0 6px}
.finding{background:var(--soft);border-left:4px solid var(--accent);border-radius:0 10px 10px 0;padding:16px 22px;margin:24px 0}
.finding p{max-width:100ch}
.finding p:first-child{font-size:18px;font-weight:500}
.note{background:var(--warn-soft);color:var(--warn);border-radius:8px;padding:10px 16px;max-width:none;font-size:14.5px}
.alarm{border-left:5px solid var(--bad);color:var(--bad);font-weight:600;padding:6px 16px;max-width:none}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:14px;margin:22px 0}
.tile{background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:14px 18px}
.tile span{display:block;color:var(--ink-2);font-size:13.5px}
.tile b{display:block;font-size:25px;line-height:1.3;font-weight:600;letter-spacing:-.01em}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,460px),1fr));gap:16px;margin:16px 0}
figure{margin:0;background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:16px 18px 12px;
break-inside:avoid;min-width:0}
figure.wide{grid-column:1/-1}
nav ul{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:18px 0 0;padding:0;font-size:14.5px}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
figcaption{color:var(--ink-2);font-size:14px;line-height:1.45;margin-top:8px;border-top:1px solid var(--line);padding-top:8px}
figcaption b{color:var(--ink);font-weight:600}
svg.chart{display:block;width:100%;max-width:620px;height:auto;font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
svg text{fill:var(--ink-2)}
svg .legend{fill:var(--ink)}
svg .line,svg .grid,svg .axis,svg .level,svg .interval,svg .hole{fill:none}
svg .grid{stroke:var(--grid)}
svg .axis{stroke:var(--axis)}
svg .line{stroke-width:2;stroke-linejoin:round}
svg .faint{stroke-width:1;opacity:.38}
svg .interval{stroke-width:1.5}
svg .dot{opacity:.55}
svg .marker{stroke:var(--surface);stroke-width:1.2}
svg .span{fill:none;stroke:var(--ink);stroke-width:1.3}
svg circle.badge{fill:var(--surface);stroke:var(--ink);stroke-width:1.2}
svg text.badge{fill:var(--ink);font-size:11px;font-weight:600}
svg .hole{stroke-width:2}
svg .level{stroke:var(--ink-2);stroke-width:1.6;stroke-dasharray:6 4}
svg rect.band{fill:var(--muted)}
svg .band{opacity:.16}
.scroll,.heat{overflow-x:auto}
.wide svg.chart{max-width:none;min-width:640px}
.heat table{width:auto;font-size:13.5px;border-collapse:separate;border-spacing:2px}
.heat caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.heat th,.heat td{padding:5px 8px;border:0;text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.heat td{border-radius:3px;min-width:3.4em}
.heat thead td{color:var(--ink-2);text-align:left}
.heat th{color:var(--ink)}
.heat thead th{color:var(--ink-2)}
.heat tbody th{position:sticky;left:0;background:var(--surface);text-align:left;font-weight:500}
.heat .control{color:var(--muted)}
.heat .strong{font-weight:700;box-shadow:inset 0 0 0 1.5px var(--ink)}
.heat .missing{background:repeating-linear-gradient(135deg,var(--surface) 0 4px,var(--line) 4px 6px);color:var(--ink-2)}
.down thead th{vertical-align:bottom}
.down thead span{writing-mode:vertical-rl;transform:rotate(180deg)}
.down td{min-width:2em;padding:4px}
.b1{background:var(--b1)}.b2{background:var(--b2)}.b3{background:var(--b3)}.b4{background:var(--b4)}.b5{background:var(--b5)}
.o1{background:var(--o1)}.o2{background:var(--o2)}.o3{background:var(--o3)}.o4{background:var(--o4)}.o5{background:var(--o5)}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(165px,1fr));gap:14px;margin:16px 0}
.gallery img{display:block;width:100%;aspect-ratio:1;object-fit:contain;image-rendering:pixelated;background:var(--grid)}
.gallery span{display:block;color:var(--muted);font-size:12.5px;overflow-wrap:anywhere}
.gallery table{font-size:13px;margin-top:6px}
.gallery th,.gallery td{padding:1px 0;border:0;color:var(--ink);font-weight:400;white-space:normal}
.gallery th{overflow-wrap:anywhere}
.gallery table,.gallery tbody{display:block}
.gallery tr{display:grid;grid-template-columns:1fr auto;column-gap:8px;margin-bottom:4px}
.gallery td:nth-child(2){grid-area:2/1/3/3;padding:0;border-radius:2px;background:var(--grid)}
.gallery td:last-child{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.gallery i{display:block;height:8px;border-radius:2px;background:var(--muted);min-width:1px}
.gallery i.true{background:var(--c3)}
.table{overflow-x:auto;background:var(--surface);border:1px solid var(--line);border-radius:10px;margin:16px 0}
table{border-collapse:collapse;width:100%;font-size:14.5px}
th,td{padding:7px 14px;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
th{color:var(--ink-2);font-weight:600;font-size:13px;white-space:nowrap}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
tr.strong td{background:var(--soft);font-weight:600}
details{margin:10px 0}
summary{cursor:pointer;color:var(--accent);font-weight:600;font-size:14.5px}
pre{background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:14px 18px;white-space:pre-wrap;font-size:13px;
line-height:1.5}
footer{color:var(--muted);font-size:13px;margin-top:56px}
@media screen and (max-width:900px){main{padding:24px 14px 48px}figure{padding:12px 10px 10px}.finding{padding:12px 14px}
.table{border:0;background:none;border-radius:0}
.table table,.table tbody,.table tr,.table td{display:block}.table thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.table tr{background:var(--surface);border:1px solid var(--line);border-radius:10px;margin:0 0 10px;padding:6px 0}
.table tr.strong,.table tr.strong td{background:var(--soft)}
.table td,.table tr:last-child td{display:flex;gap:16px;padding:3px 14px;border:0;text-align:left;white-space:normal}
.table td::before{content:attr(data-label);color:var(--ink-2);font-weight:400;font-size:13px;flex:0 0 38%}
.table td span{min-width:0;overflow-wrap:anywhere}
.heat table{font-size:12.5px}.heat th,.heat td{padding:4px}.heat td{min-width:2.9em}.down td{min-width:1.7em}
.heat tbody th{white-space:normal;min-width:6.2em}.down tbody th{min-width:0}}
@media print{:root{color-scheme:light;--page:#fff;--surface:#fff}.grid{grid-template-columns:1fr 1fr;gap:10px}
main{max-width:none;padding:0}body{font-size:12px}h2{break-after:avoid}
.wide svg.chart{min-width:0}nav{display:none}table{font-size:10.5px}th,td{padding:3px 6px}th{white-space:normal;font-size:10px}
figure{padding:10px}.heat th,.heat td{padding:3px}.heat table{font-size:10px}figcaption,.lead{font-size:10.5px}
.finding,.tile,svg,.heat td,.gallery i{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
)css";

}  // namespace espalier::report
