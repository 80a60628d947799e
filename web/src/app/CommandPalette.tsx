// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Flame, Moon, Search, Upload } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { findLeadsQuery } from "@/features/leads/api";
import { cx } from "@/lib/cx";
import { paths } from "@/lib/paths";
import { atLeast } from "@/lib/roles";
import { t } from "@/lib/strings";
import { toggleTheme } from "@/lib/theme";
import { leadName } from "@/lib/lead";
import { Dialog } from "@/ui/Dialog";
import { HeatBadge } from "@/ui/heat";
import type { Heat, Me } from "@/lib/types";
import { navItems } from "./Navbar";

interface Entry {
  key: string;
  group: string;
  label: string;
  about?: string | undefined;
  heat?: Heat;
  icon?: LucideIcon;
  run: () => void;
}

function useEntries(text: string, me: Me | undefined, go: (to: string) => void): { entries: Entry[]; busy: boolean } {
  const query = useDeferredValue(text.trim());
  const found = useQuery({ ...findLeadsQuery(query), enabled: query.length > 1 });
  return useMemo(() => {
    const fits = (label: string) => label.toLocaleLowerCase().includes(query.toLocaleLowerCase());
    const pages: Entry[] = navItems(me).map(({ to, label, icon }) => ({
      key: to, group: t.palette.pages, label, icon, run: () => go(to),
    }));
    const actions: Entry[] = [
      { key: "hot", group: t.palette.actions, label: t.palette.hotLeads, icon: Flame, run: () => go(`${paths.leads}?heat=hot`) },
      ...(atLeast(me, "rep") ? [{ key: "csv", group: t.palette.actions, label: t.palette.uploadCsv, icon: Upload, run: () => go(paths.upload) }] : []),
      { key: "theme", group: t.palette.actions, label: t.palette.toggleTheme, icon: Moon, run: toggleTheme },
    ];
    const leads: Entry[] = (query.length > 1 ? (found.data?.items ?? []) : []).map((lead) => ({
      key: lead.id,
      group: t.palette.leads,
      label: leadName(lead),
      about: [lead.company, lead.email].filter(Boolean).join(" · ") || undefined,
      heat: lead.heat,
      run: () => go(paths.lead(lead.id)),
    }));
    const search: Entry[] = query
      ? [{
          key: "search", group: t.palette.actions, label: t.palette.searchFor(query), icon: Search,
          run: () => go(`${paths.leads}?q=${encodeURIComponent(query)}`),
        }]
      : [];
    const entries = [...leads, ...pages.filter((e) => fits(e.label)), ...actions.filter((e) => fits(e.label)), ...search];
    return { entries, busy: found.isFetching };
  }, [query, found.data, found.isFetching, me, go]);
}

/** Ctrl-K: pages, leads and actions by name. A combobox: the focus stays in the field. */
export default function CommandPalette({ me, onClose }: { me: Me | undefined; onClose: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const go = useMemo(() => (to: string) => void navigate(to), [navigate]);
  const { entries, busy } = useEntries(text, me, go);
  const current = Math.min(at, entries.length - 1);

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [current]);

  function choose(entry: Entry | undefined) {
    if (!entry) return;
    onClose();
    entry.run();
  }

  function onKeyDown(e: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step !== undefined && entries.length > 0) {
      e.preventDefault();
      setAt((current + step + entries.length) % entries.length);
    } else if (e.key === "Enter") {
      e.preventDefault();
      choose(entries[current]);
    }
  }

  return (
    <Dialog open onOpenChange={onClose} title={t.palette.title}>
      <input
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls={id}
        aria-activedescendant={entries[current] ? `${id}-${current}` : undefined}
        aria-label={t.palette.placeholder}
        aria-busy={busy}
        placeholder={t.palette.placeholder}
        value={text}
        onChange={(e) => {
          setText(e.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        className="h-10 w-full rounded-lg border border-edge bg-panel px-3 text-lg"
      />
      <div ref={list} id={id} role="listbox" aria-label={t.palette.title} className="-mx-2 mt-2 max-h-[50vh] overflow-y-auto">
        {entries.map((entry, i) => (
          <div key={entry.key}>
            {entry.group !== entries[i - 1]?.group && (
              <p role="presentation" className="px-2.5 pt-2 pb-1 text-xs font-medium text-soft">
                {entry.group}
              </p>
            )}
            <div
              id={`${id}-${i}`}
              role="option"
              aria-selected={i === current}
              onPointerMove={() => setAt(i)}
              onClick={() => choose(entry)}
              className={cx("flex cursor-pointer items-center gap-2.5 rounded-lg px-2.5 py-2", i === current && "bg-tint")}
            >
              {entry.icon && <entry.icon aria-hidden className="size-4 shrink-0 text-soft" />}
              <span className="foreign min-w-0 flex-1">
                {entry.label}
                {entry.about && <span className="ml-2 text-sm text-soft">{entry.about}</span>}
              </span>
              {entry.heat && <HeatBadge heat={entry.heat} />}
            </div>
          </div>
        ))}
      </div>
      {entries.length === 0 && <p className="py-6 text-center text-soft">{t.palette.empty}</p>}
      <p className="mt-2 text-xs text-soft">{t.palette.hint}</p>
    </Dialog>
  );
}
