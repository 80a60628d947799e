// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Bookmark, BookmarkPlus, ChevronDown, House, Save, Trash2, Users } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useSearchParams } from "react-router";
import { t } from "@/lib/strings";
import type { View } from "@/lib/types";
import { Button } from "@/ui/Button";
import { Menu, type MenuGroup } from "@/ui/Menu";
import { toast } from "@/ui/toast";
import { useViewChanges, viewsQuery } from "./api";
import { asked, readColumns, writeColumns } from "./query";

const SaveDialog = lazy(() => import("./SaveDialog"));
const Confirm = lazy(() => import("@/ui/Confirm").then((m) => ({ default: m.Confirm })));

/** Questions that every team asks, without anybody having saved them. */
const builtIn = () => [
  { label: t.leads.viewAll, query: "" },
  { label: t.leads.viewHot, query: "heat=hot&outcome=open" },
  { label: t.leads.viewNew, query: "inserted_at[gte]=-7d&sort=-inserted_at" },
  { label: t.leads.viewCooling, query: "outcome=open&last_activity_at[lt]=-14d&sort=-score" },
];

const address = (view: View) => {
  const params = writeColumns(new URLSearchParams(view.query), view.columns ?? []);
  if (!view.columns?.length) params.delete("cols");
  params.set("view", view.id);
  return params;
};

const same = (a: URLSearchParams, b: URLSearchParams) =>
  asked(a).toString() === asked(b).toString() && readColumns(a).join() === readColumns(b).join();

interface Props {
  /** The address that Leads opens with; empty: all leads. */
  first: string;
  setFirst: (search: string) => void;
}

export function Views({ first, setFirst }: Props) {
  const [params, setParams] = useSearchParams();
  const views = useQuery(viewsQuery);
  const changes = useViewChanges();
  const [dialog, setDialog] = useState<"save" | "delete" | null>(null);
  const saved = views.data?.items ?? [];
  const active = saved.find((v) => v.id === params.get("view"));
  const modified = active !== undefined && !same(address(active), params);
  const ready = builtIn().find((v) => !active && same(new URLSearchParams(v.query), params));
  const name = active ? (modified ? t.leads.modified(active.name) : active.name) : (ready?.label ?? t.leads.views);

  const now = () => ({ query: asked(params).toString(), columns: readColumns(params) });
  const groups: MenuGroup[] = [
    {
      label: t.leads.builtIn,
      items: builtIn().map((v) => ({ label: v.label, checked: v === ready || v.label === ready?.label, onSelect: () => setParams(v.query) })),
    },
  ];
  if (saved.length > 0)
    groups.push({
      label: t.leads.saved,
      items: saved.map((v) => ({
        label: v.name,
        icon: v.shared ? Users : Bookmark,
        checked: v.id === active?.id,
        onSelect: () => setParams(address(v)),
      })),
    });
  const own: MenuGroup = { items: [{ label: t.leads.saveView, icon: BookmarkPlus, onSelect: () => setDialog("save") }] };
  if (active && modified)
    own.items.push({
      label: t.leads.updateView(active.name),
      icon: Save,
      onSelect: () =>
        changes.update.mutate(
          { id: active.id, ...now() },
          { onError: (e) => toast({ tone: "bad", title: t.errors.notSaved, text: e.message }) },
        ),
    });
  const here = active ? address(active).toString() : (ready?.query ?? "");
  if (!modified && (active || ready?.query))
    own.items.push({ label: t.leads.viewFirst, icon: House, checked: first === here, onSelect: () => setFirst(first === here ? "" : here) });
  if (active) own.items.push({ label: t.leads.deleteView(active.name), icon: Trash2, danger: true, onSelect: () => setDialog("delete") });
  groups.push(own);

  return (
    <>
      <Menu
        align="start"
        groups={groups}
        button={
          <Button icon={Bookmark} className="max-w-64">
            <span className="truncate">{name}</span>
            <ChevronDown aria-hidden className="size-4 shrink-0 text-soft" />
          </Button>
        }
      />
      <Suspense fallback={null}>
        {dialog === "save" && (
        <SaveDialog
          close={() => setDialog(null)}
          save={async (v) => {
            const made = await changes.create.mutateAsync({ ...v, ...now() });
            setParams(address({ ...made, ...now() }), { replace: true });
            toast({ tone: "good", title: t.leads.viewSaved(v.name) });
          }}
        />
      )}
        {active && dialog === "delete" && (
        <Confirm
          danger
          open
          onOpenChange={() => setDialog(null)}
          title={t.leads.deleteView(active.name)}
          confirm={t.actions.delete}
          run={async () => {
            await changes.remove.mutateAsync(active.id);
            const next = new URLSearchParams(params);
            next.delete("view");
            setParams(next, { replace: true });
          }}
        >
          {t.leads.deleteViewText}
        </Confirm>
      )}
      </Suspense>
    </>
  );
}
