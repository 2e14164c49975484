#include "report/html.h"

namespace espalier::report {
namespace {

constexpr const char* kStyle = R"css(
:root{color-scheme:light dark;--page:#f6f5f1;--surface:#fffefb;--ink:#1c1f1b;--ink-2:#51564e;--muted:#82877e;
--grid:#e7e5dd;--axis:#a9aca3;--line:#e2e0d7;--accent:#2f6b3f;--soft:#eaf1e8;--warn:#8a4b00;--warn-soft:#fbf0dd;
--c1:#2a78d6;--c2:#d9581f;--c3:#12885f;--c4:#b07a00;--c5:#c2487f;--c6:#5a48b8}
@media (prefers-color-scheme:dark){:root{--page:#121411;--surface:#1a1d19;--ink:#ecefe9;--ink-2:#b3b9af;--muted:#8b9187;
--grid:#2b2f29;--axis:#5b6158;--line:#2e322c;--accent:#8cc79a;--soft:#1f2a20;--warn:#e9b872;--warn-soft:#2e2617;
--c1:#5b9bec;--c2:#ef7d4a;--c3:#38b888;--c4:#d9a22e;--c5:#e57fae;--c6:#9d8ff0}}
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
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:14px;margin:22px 0}
.tile{background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:14px 18px}
.tile span{display:block;color:var(--ink-2);font-size:13.5px}
.tile b{display:block;font-size:25px;line-height:1.3;font-weight:600;letter-spacing:-.01em}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,460px),1fr));gap:16px;margin:16px 0}
figure{margin:0;background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:16px 18px 12px;
break-inside:avoid;min-width:0}
figcaption{color:var(--ink-2);font-size:14px;line-height:1.45;margin-top:8px;border-top:1px solid var(--line);padding-top:8px}
figcaption b{color:var(--ink);font-weight:600}
svg.chart{display:block;width:100%;max-width:600px;height:auto;font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
svg text{fill:var(--ink-2)}
svg .legend{fill:var(--ink)}
svg .line,svg .grid,svg .axis,svg .level,svg .interval,svg .hole{fill:none}
svg .grid{stroke:var(--grid)}
svg .axis{stroke:var(--axis)}
svg .line{stroke-width:2;stroke-linejoin:round}
svg .faint{stroke-width:1;opacity:.38}
svg .interval{stroke-width:1.5}
svg .dot{opacity:.5}
svg .hole{stroke-width:2}
svg .level{stroke:var(--ink-2);stroke-width:1.6;stroke-dasharray:6 4}
svg .band{fill:var(--muted);opacity:.16}
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
@media (max-width:900px){main{padding:24px 14px 48px}figure{padding:12px 10px 10px}.finding{padding:12px 14px}
.table{border:0;background:none;border-radius:0}
table,tbody,tr,td{display:block}thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{background:var(--surface);border:1px solid var(--line);border-radius:10px;margin:0 0 10px;padding:6px 0}
tr.strong,tr.strong td{background:var(--soft)}
td,tr:last-child td{display:flex;gap:16px;padding:3px 14px;border:0;text-align:left;white-space:normal}
td::before{content:attr(data-label);color:var(--ink-2);font-weight:400;font-size:13px;flex:0 0 38%}
td span{min-width:0;overflow-wrap:anywhere}}
@media print{:root{--page:#fff;--surface:#fff}main{max-width:none;padding:0}body{font-size:12px}h2{break-after:avoid}
.finding,.tile,svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
)css";

}  // namespace

std::string escape(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '&')
      safe += "&amp;";
    else if (c == '<')
      safe += "&lt;";
    else if (c == '>')
      safe += "&gt;";
    else if (c == '"')
      safe += "&quot;";
    else if (c == '\'')
      safe += "&#39;";
    else if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t')
      safe += c;
  }
  return safe;
}

std::string page(const std::string& title, const std::string& body) {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         escape(title) + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n<main>\n" +
         body + "</main>\n</body>\n</html>\n";
}

std::string figure(const std::string& heading, const std::string& drawing,
                   const std::string& what_you_see) {
  return "<figure><h3>" + escape(heading) + "</h3>" + drawing +
         "<figcaption><b>What you see.</b> " + escape(what_you_see) + "</figcaption></figure>\n";
}

std::string paragraph(const std::string& text, const std::string& css_class) {
  return (css_class.empty() ? "<p>" : "<p class=\"" + css_class + "\">") + escape(text) + "</p>\n";
}

std::string details(const std::string& heading, const std::string& preformatted) {
  return "<details><summary>" + escape(heading) + "</summary><pre>" + escape(preformatted) +
         "</pre></details>\n";
}

}  // namespace espalier::report
