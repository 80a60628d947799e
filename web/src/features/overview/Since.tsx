// SPDX-License-Identifier: Apache-2.0
import { CircleCheck, CircleX, FileInput, Flame, type LucideIcon, Snowflake, UserPlus } from "lucide-react";
import { Link } from "react-router";
import { cx } from "@/lib/cx";
import { number } from "@/lib/format";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/overview";
import type { Overview } from "@/lib/types";

interface Tile {
  label: string;
  value: number;
  icon: LucideIcon;
  ink: string;
  to: string;
}

/** What changed since yesterday: six figures, each a way to the leads behind it. */
export function Since({ overview }: { overview: Overview }) {
  const s = overview.since_yesterday;
  const day = new Date(new Date(overview.as_of).getTime() - 86_400_000).toISOString().slice(0, 19) + "Z";
  const since = encodeURIComponent(day);
  const tiles: Tile[] = [
    { label: t.overview.newLeads, value: s.new_leads, icon: UserPlus, ink: "text-accent", to: `${paths.leads}?inserted_at[gte]=${since}` },
    { label: t.overview.newHot, value: s.new_hot, icon: Flame, ink: "text-hot", to: `${paths.leads}?heat=hot&sort=-scored_at` },
    { label: t.overview.cooled, value: s.cooled, icon: Snowflake, ink: "text-cold", to: `${paths.leads}?heat=warm,cold&sort=-scored_at` },
    { label: t.overview.won, value: s.outcomes.won, icon: CircleCheck, ink: "text-good", to: `${paths.leads}?outcome=won&sort=-outcome_at` },
    { label: t.overview.lost, value: s.outcomes.lost, icon: CircleX, ink: "text-bad", to: `${paths.leads}?outcome=lost&sort=-outcome_at` },
    { label: t.overview.imports, value: s.imports, icon: FileInput, ink: "text-accent", to: paths.upload },
  ];
  return (
    <section aria-label={t.overview.since}>
      <h2 className="mb-2 text-sm font-medium text-soft">{t.overview.since}</h2>
      <ul className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-6">
        {tiles.map(({ label, value, icon: Icon, ink, to }) => (
          <li key={label}>
            <Link to={to} className="flex items-center gap-3 rounded-xl border bg-panel px-4 py-3 shadow-panel transition-colors hover:bg-hover">
              <Icon aria-hidden className={cx("size-5 shrink-0", value === 0 ? "text-soft" : ink)} />
              <span className="min-w-0">
                <span className={cx("tnum block text-2xl font-semibold tracking-tight", value === 0 && "text-soft")}>{number(value)}</span>
                <span className="block truncate text-sm text-soft">{label}</span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {(s.model_changes?.length ?? 0) > 0 && (
        <p className="mt-2 text-sm text-soft">
          <Link to={paths.model} className="text-accent underline underline-offset-2">
            {t.overview.modelChanged}
          </Link>
        </p>
      )}
    </section>
  );
}
