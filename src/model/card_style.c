/* SPDX-License-Identifier: Apache-2.0 */
/* The page's style: one accent; hot, warm and cold in colours that the colour-blind tell apart
 * (Okabe and Ito 2008), each always with its word and icon; contrast at least 4.5 to 1 in both
 * schemes. */
#include "model/card_internal.h"

static const char light[] =
	"--page:#f7f6f9;--panel:#fff;--ink:#1d1b26;--soft:#5d5a6b;--line:#e3e0ea;--grid:#ebe9f1;"
	"--accent:#5b3fc4;--tint:#f0edfb;--mute:#c9c5d6;--caution:#fff4dc;--caution-line:#e0a92b;"
	"--hot:#b03f00;--hot-fill:#d55e00;--warm:#7d5300;--warm-fill:#e3a008;--cold:#005f99;"
	"--cold-fill:#0072b2;";
static const char dark[] =
	"--page:#131219;--panel:#1b1a23;--ink:#eceaf3;--soft:#aaa6ba;--line:#35323f;--grid:#2a2834;"
	"--accent:#ab99ff;--tint:#272140;--mute:#4d495c;--caution:#332a12;--caution-line:#b98a1f;"
	"--hot:#ff9d66;--hot-fill:#e8742f;--warm:#f4c560;--warm-fill:#d9a01f;--cold:#7cc0f3;"
	"--cold-fill:#3a94d1;";

static const char rules_page[] =
	"*{box-sizing:border-box}"
	"body{margin:0;background:var(--page);color:var(--ink);"
	"font:16px/1.55 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,"
	"\"Noto Sans\",sans-serif;-webkit-text-size-adjust:100%}"
	"main{max-width:1080px;margin:0 auto;padding:40px 24px 64px}header{margin:0 0 28px}"
	".eyebrow{font-size:13px;letter-spacing:.08em;text-transform:uppercase;"
	"color:var(--soft);margin:0 0 6px}"
	"h1{font-size:34px;line-height:1.15;letter-spacing:-.02em;margin:0 0 10px;"
	"font-weight:680}"
	"h2{font-size:22px;line-height:1.25;letter-spacing:-.01em;margin:0 0 4px;font-weight:650}"
	"h3{font-size:16px;margin:0 0 8px;font-weight:620;overflow-wrap:anywhere}"
	"p{margin:0 0 12px;max-width:72ch}"
	".lead{font-size:19px;line-height:1.45;max-width:62ch;margin:0}"
	".soft,caption,.tick,figcaption{color:var(--soft)}"
	".badge{display:inline-block;font-size:13px;font-weight:600;padding:2px 10px;"
	"border-radius:99px;background:var(--tint);color:var(--accent);vertical-align:.35em;"
	"letter-spacing:0;margin-left:8px}"
	"section{background:var(--panel);border:1px solid var(--line);border-radius:14px;"
	"padding:26px 28px;margin:0 0 18px}.why{color:var(--soft);margin:0 0 18px}"
	".tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;margin:0 0 18px}"
	".tile{background:var(--panel);border:1px solid var(--line);border-radius:14px;"
	"padding:16px 18px}"
	".tile b{display:block;font-size:28px;line-height:1.2;letter-spacing:-.02em;"
	"font-weight:680;font-variant-numeric:tabular-nums}"
	".tile span{display:block;font-size:14px;color:var(--soft);line-height:1.4}"
	".tile .what{color:var(--ink);font-weight:600}"
	".caution{background:var(--caution);border:1px solid var(--caution-line);"
	"border-radius:14px;padding:14px 18px;margin:0 0 18px}.caution p{margin:0}"
	".two{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:28px;"
	"align-items:start}figure{margin:0}figcaption{font-size:14px;margin:6px 0 0}";
static const char rules_chart[] =
	"svg{display:block;width:100%;height:auto;overflow:visible}"
	"svg text{font-size:12.5px;fill:var(--ink)}"
	"svg .tick{fill:var(--soft);font-size:12px;font-variant-numeric:tabular-nums}"
	"svg .strong{fill:var(--ink);font-weight:700}svg .name{fill:var(--soft);font-size:12.5px}"
	"svg .note{fill:var(--ink);font-size:12px;paint-order:stroke;stroke:var(--panel);"
	"stroke-width:4px;stroke-linejoin:round}.end{text-anchor:end}.mid{text-anchor:middle}"
	".axis{stroke:var(--mute);stroke-width:1}.grid{stroke:var(--grid);stroke-width:1}"
	".ideal{stroke:var(--soft);stroke-width:1.25;stroke-dasharray:5 4;fill:none}"
	".best{stroke:var(--mute);stroke-width:1.25;stroke-dasharray:1.5 4;fill:none;"
	"stroke-linecap:round}"
	".curve{stroke:var(--accent);stroke-width:2.5;fill:none;stroke-linejoin:round;"
	"stroke-linecap:round}.dot{fill:var(--accent);stroke:var(--panel);stroke-width:1.5}"
	".whisker{stroke:var(--accent);stroke-width:2;opacity:.6;stroke-linecap:round}"
	".says{stroke:var(--ink);stroke-width:2}.small{opacity:.45}.won{fill:var(--accent)}"
	".lost{fill:var(--mute)}.cut{stroke-width:1.75;stroke-dasharray:5 3}"
	".cut.hot{stroke:var(--hot)}.cut.warm{stroke:var(--warm)}";
static const char rules_table[] =
	".scroll{overflow-x:auto}"
	"table{border-collapse:collapse;width:100%;font-size:15px;"
	"font-variant-numeric:tabular-nums}"
	"caption{text-align:left;font-size:14px;padding:0 0 6px}"
	"th,td{padding:7px 12px 7px 0;text-align:right;border-bottom:1px solid var(--line);"
	"vertical-align:top;white-space:nowrap}th:first-child,td:first-child{text-align:left}"
	"td:last-child,th:last-child{padding-right:0}"
	"thead th{font-size:13px;font-weight:600;color:var(--soft);vertical-align:bottom;"
	"white-space:normal}tbody th{font-weight:500;white-space:normal;overflow-wrap:anywhere}"
	"tbody tr:last-child>*{border-bottom:0}"
	"td.words,th.words{text-align:left;white-space:normal;overflow-wrap:anywhere}"
	"td "
	".range{display:block;font-size:13px;font-weight:400;color:var(--soft)}table.even{table-"
	"layout:fixed;min-width:780px}table.even th:first-child{width:30%}td "
	".in{font-size:13px;color:var(--soft);margin-left:6px}"
	"tr.ours>*{background:var(--tint);font-weight:650}"
	"tr.ours>:first-child{padding-left:10px;border-radius:8px 0 0 8px}"
	"tr.ours>:last-child{padding-right:10px;border-radius:0 8px 8px 0}"
	"tr.few>*{color:var(--soft);opacity:.75}"
	".heat{display:inline-flex;align-items:center;gap:7px;font-weight:650;white-space:nowrap}"
	".heat svg{width:16px;height:16px;flex:none}.heat.hot{color:var(--hot)}"
	".heat.warm{color:var(--warm)}.heat.cold{color:var(--cold)}"
	".heat.hot svg{fill:var(--hot-fill)}.heat.warm "
	"svg{fill:var(--warm-fill);stroke:var(--warm-fill);stroke-width:1.6;stroke-linecap:round}"
	".heat.cold svg{fill:none;stroke:var(--cold-fill);stroke-width:1.8;stroke-linecap:round}"
	".fields{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:28px "
	"36px;align-items:start}.fields figure{break-inside:avoid}"
	".key{display:flex;flex-wrap:wrap;gap:6px 20px;font-size:14px;color:var(--soft);"
	"margin:0 0 16px}.key span{display:inline-flex;align-items:center;gap:7px}"
	".key svg{width:18px;height:14px;flex:none}"
	"dl{display:grid;grid-template-columns:minmax(120px,max-content) 1fr;gap:6px 20px;"
	"margin:0;font-size:15px}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}"
	"ul{margin:0;padding-left:20px}li{margin:0 0 8px;max-width:76ch;overflow-wrap:anywhere}"
	".chips{display:flex;flex-wrap:wrap;gap:6px;list-style:none;padding:0;margin:0 0 18px}"
	".chips li{margin:0;background:var(--tint);border-radius:7px;padding:2px 9px;"
	"font-size:14px}"
	"code{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;"
	"overflow-wrap:anywhere}.gap{margin-top:24px}"
	"footer{color:var(--soft);font-size:14px;margin-top:26px}";
static const char rules_media[] =
	"@media(max-width:820px){main{padding:24px 14px 48px}h1{font-size:27px}"
	"section{padding:20px 16px}.two{grid-template-columns:minmax(0,1fr)}"
	".tiles{grid-template-columns:1fr "
	"1fr}.fields{grid-template-columns:minmax(0,1fr)}.lead{font-size:17px}"
	"dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 10px}}@media(max-width:420px){"
	".tile b{font-size:23px}.tile{padding:13px 14px}}@page{margin:14mm}@media print{"
	"body{font-size:10.5pt;background:#fff}main{max-width:none;padding:0}"
	"section,.tile{border-color:#ccc;break-inside:avoid}section.long{break-inside:auto}"
	"section{padding:14px 16px;margin:0 0 12px}.tiles{grid-template-columns:repeat(4,1fr)}"
	".two{grid-template-columns:minmax(0,5fr) "
	"minmax(0,6fr);gap:14px}thead "
	"th{font-size:8pt}dl{grid-template-columns:minmax(90px,max-content) 1fr;gap:3px "
	"14px;font-size:10pt}dd{margin:0}"
	".tile b{font-size:17pt}.tile{padding:10px 12px}.tile "
	"span,caption,figcaption,.why,.key{font-size:9pt}.lead{font-size:12pt}h1{font-size:20pt}h2{"
	"font-size:13pt}h3{font-size:10pt}"
	"th,td{padding:3.5px 8px 3.5px 0}table.even{min-width:0}td "
	".range{font-size:8pt}.fields{grid-template-columns:1fr 1fr;gap:14px "
	"20px}h2{break-after:avoid}"
	"tr,figure,li{break-inside:avoid}table{font-size:9pt}.scroll{overflow:visible}"
	"*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}";

void card_style(struct buf *b)
{
	buf_z(b, "<style>:root{color-scheme:light dark;");
	buf_z(b, light);
	buf_z(b, "}@media screen and (prefers-color-scheme:dark){:root{");
	buf_z(b, dark);
	buf_z(b, "}}");
	buf_z(b, rules_page);
	buf_z(b, rules_chart);
	buf_z(b, rules_table);
	buf_z(b, rules_media);
	buf_z(b, "</style>\n");
}
