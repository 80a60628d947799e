// SPDX-License-Identifier: Apache-2.0
import { NavLink } from "react-router";
import { cx } from "@/lib/cx";
import { ago, fullTime, number, percent } from "@/lib/format";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/model";
import { Card } from "@/ui/Card";
import { Chip } from "@/ui/Chip";
import { Table, Td, Th, Tr } from "@/ui/Table";
import type { Version } from "./api";

/** All versions, newest first; the one that is looked at is marked. */
export function Versions({ items, shown }: { items: Version[]; shown: string | undefined }) {
  return (
    <Card title={t.model.versions} about={t.model.versionsAbout} flush>
      <Table
        caption={t.model.versions}
        className="max-h-96 overflow-y-auto"
        head={
          <>
            <Th>{t.model.version}</Th>
            <Th>{t.model.state}</Th>
            <Th>{t.model.made}</Th>
            <Th numeric>{t.model.rows}</Th>
            <Th numeric>{t.model.wonShare}</Th>
            <Th numeric>{t.model.auc}</Th>
            <Th numeric>{t.model.logLoss}</Th>
            <Th numeric>{t.model.ece}</Th>
          </>
        }
      >
        {items.map((v) => (
          <Tr key={v.version} className={cx(v.version === shown && "bg-tint")}>
            <Td>
              <NavLink to={paths.modelOne(v.version)} className="font-semibold text-accent hover:underline">
                {v.version}
              </NavLink>
              {(v.name || v.segment) && (
                <span className="foreign block text-sm text-soft">{v.name || (v.segment && t.model.segment(v.segment))}</span>
              )}
            </Td>
            <Td className="whitespace-nowrap">
              <State v={v} />
            </Td>
            <Td title={fullTime(v.created_at)} className="whitespace-nowrap">
              {ago(v.created_at)}
            </Td>
            <Td numeric>{v.rows !== undefined && number(v.rows)}</Td>
            <Td numeric>{v.won !== undefined && v.lost !== undefined && percent(v.won / Math.max(1, v.won + v.lost))}</Td>
            <Td numeric>{v.roc_auc !== undefined && number(v.roc_auc, 3)}</Td>
            <Td numeric>{v.log_loss !== undefined && number(v.log_loss, 4)}</Td>
            <Td numeric>{v.ece !== undefined && number(v.ece, 3)}</Td>
          </Tr>
        ))}
      </Table>
    </Card>
  );
}

export function State({ v }: { v: Version }) {
  if (v.problem) return <Chip tone="bad">{t.model.unusable}</Chip>;
  if (v.approval?.waits) return <Chip tone="caution">{t.model.waits}</Chip>;
  return <Chip tone={v.state === "published" ? "good" : v.state === "draft" ? "info" : "plain"}>{t.model.states[v.state]}</Chip>;
}
