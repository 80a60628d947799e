// SPDX-License-Identifier: Apache-2.0
// Leads as a CRM exports them, the same every time: with names from everywhere, values that are too
// long, and texts that would be markup or a formula if somebody let them.
function rng(seed) {
  let x = seed >>> 0;
  return () => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return x / 4294967296;
  };
}

export const XSS = [
  `<img src=x onerror="window.__pwned=1">`,
  `<script>window.__pwned=1</script>`,
  `"><svg onload=window.__pwned=1>`,
  `javascript:window.__pwned=1`,
  `x'-window.__pwned=1-'`,
  `{{constructor.constructor('window.__pwned=1')()}}`,
  `</title><script>window.__pwned=1</script>`,
  `<iframe srcdoc="<script>parent.__pwned=1</script>">`,
  `&lt;img src=x onerror=window.__pwned=1&gt;`,
  `<a href="javascript:window.__pwned=1">x</a>`,
];

const FIRST = ["Ada", "Grace", "Alan", "Émilie", "Søren", "Wei", "Fatima", "José", "Ngozi", "Priya", "Yuki", "علي"];
const LAST = ["Lovelace", "Hopper", "Turing", "du Châtelet", "Kierkegaard", "Zhang", "Al-Fihri", "García-Márquez", "Okonjo", "Raman", "Tanaka", "الخوارزمي"];
const COMPANIES = ["Analytical Engines", "Northwind", "Globex", "Initech", "شركة النور للتجارة العامة", "Umbrella Logistics & Sons International Holdings (Deutschland) GmbH & Co. Kommanditgesellschaft auf Aktien", "Hooli"];
const SOURCES = ["Referral", "Google Ads", "Website", "Trade fair", "Cold call", ""];
const OWNERS = ["Maria", "Tom", "Jin", ""];
const WIN = { Referral: 0.62, Website: 0.36, "Trade fair": 0.3, "Google Ads": 0.16, "Cold call": 0.06, "": 0.18 };

const cell = (v) => (/[",\r\n]/.test(v) ? `"${v.replaceAll('"', '""')}"` : v);
const day = (ms) => new Date(ms).toISOString().slice(0, 10);

export function leadsCsv(n, { seed = 7, tag = "" } = {}) {
  const r = rng(seed);
  const pick = (list) => list[Math.floor(r() * list.length)];
  const now = Date.now();
  const rows = [["Lead Id", "Name", "Email", "Company", "Job Title", "Lead Source", "Owner", "Country", "Page Views", "Created", "Last Activity", "Status"]];
  for (let i = 0; i < n; i++) {
    const source = pick(SOURCES);
    const views = Math.floor(r() * 40);
    const created = now - Math.floor(r() * 300) * 86_400_000 - 86_400_000;
    const p = Math.min(0.95, WIN[source] * (0.5 + views / 40));
    const status = r() < 0.3 ? "Open" : r() < p ? "Won" : "Lost";
    const name = i < XSS.length ? XSS[i] : `${pick(FIRST)} ${pick(LAST)}`;
    const company = i < XSS.length ? XSS[XSS.length - 1 - i] : pick(COMPANIES);
    rows.push([
      `L-${tag}${i + 1}`, name, `lead${tag}${i + 1}@example.com`, company, pick(["Head of Research", "CEO", "Buyer", "Student"]), source,
      pick(OWNERS), pick(["DE", "FR", "US", "JP"]), String(views), day(created), day(created + Math.floor(r() * (now - created))), status,
    ]);
  }
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}
