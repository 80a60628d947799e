// SPDX-License-Identifier: Apache-2.0
import { Link } from "react-router";
import { cx } from "@/lib/cx";
import { number, percent } from "@/lib/format";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/overview";
import type { Overview } from "@/lib/types";
import { Card } from "@/ui/Card";
import { heatFill, HEATS, HeatIcon } from "@/ui/heat";
import { Notice } from "@/ui/Notice";

export function HeatNow({ overview }: { overview: Overview }) {
  const { heat, capacity } = overview;
  const all = HEATS.reduce((n, h) => n + heat[h], 0);
  return (
    <Card title={t.overview.heatNow} about={t.overview.heatAbout}>
      <div aria-hidden className="flex h-3 gap-0.5 overflow-hidden rounded-full bg-grid">
        {all > 0 && HEATS.map((h) => <div key={h} className={heatFill[h]} style={{ flexGrow: heat[h], flexBasis: 0 }} />)}
      </div>
      <ul className="mt-2">
        {HEATS.map((h) => (
          <li key={h} className="border-b last:border-b-0">
            <Link to={`${paths.leads}?heat=${h}`} className="-mx-2 flex items-center gap-2 rounded-lg px-2 py-2 hover:bg-hover">
              <HeatIcon heat={h} />
              <span className="font-medium">{t.heat[h]}</span>
              <span className="ml-auto text-sm text-soft">{all > 0 && t.overview.heatShare(percent(heat[h] / all))}</span>
              <span className="tnum w-20 text-right font-semibold">{number(heat[h])}</span>
            </Link>
          </li>
        ))}
      </ul>
      {capacity && capacity.per_day > 0 && (
        <p className={cx("mt-2 text-sm text-soft")}>{t.overview.capacity(capacity.hot_open, capacity.per_day)}</p>
      )}
      {capacity && capacity.per_day > 0 && capacity.hot_open > capacity.per_day * 5 && (
        <Notice tone="caution" className="mt-3">
          {t.overview.capacityOver}
        </Notice>
      )}
    </Card>
  );
}
