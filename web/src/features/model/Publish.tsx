// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "@/lib/client";
import { number } from "@/lib/format";
import { t } from "@/lib/strings/model";
import type { Heat } from "@/lib/types";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Checkbox, TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Table, Td, Th, Tr } from "@/ui/Table";
import { SkeletonLines } from "@/ui/states";
import { toast } from "@/ui/toast";
import { gateQuery, modelKeys, publish } from "./api";

interface Props {
  version: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Shows what the gate says before asking for the last word. */
export function PublishDialog({ version, open, onOpenChange }: Props) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t.model.publishTitle(version)} about={t.model.publishText}>
      <Ask version={version} onClose={() => onOpenChange(false)} />
    </Dialog>
  );
}

function Ask({ version, onClose }: { version: string; onClose: () => void }) {
  const queries = useQueryClient();
  const gate = useQuery(gateQuery(version));
  const [force, setForce] = useState(false);
  const [note, setNote] = useState("");
  const run = useMutation({
    mutationFn: () => publish(version, { force, note: note.trim() }),
    onSuccess: (r) => {
      const waits = r.approval?.waits === true;
      toast({ tone: waits ? "info" : "good", title: waits ? t.model.askedApproval : t.model.published(version) });
      onClose();
      void queries.invalidateQueries({ queryKey: ["overview"] });
      return queries.invalidateQueries({ queryKey: modelKeys.all });
    },
  });
  const g = gate.data;
  const shut = g !== undefined && !g.open;
  const error = run.error instanceof ApiError ? run.error : null;
  return (
    <div className="flex flex-col gap-4">
      {error && (
        <Notice tone="bad" role="alert" title={error.title}>
          {error.detail}
        </Notice>
      )}
      {!g && !gate.error && <SkeletonLines lines={3} />}
      {gate.error && <Notice tone="bad" role="alert" title={gate.error.message} />}
      {g && (
        <Notice tone={g.open ? "good" : "caution"} title={g.open ? t.model.gateOpen : t.model.gateShut}>
          {g.live ? g.why : t.model.gateFirst} {g.live && g.shared_rows ? t.model.shared(g.shared_rows) : ""}
        </Notice>
      )}
      {g?.moves && <Moves moves={g.moves} />}
      {shut && <Checkbox label={t.model.force} checked={force} onChange={(e) => setForce(e.target.checked)} />}
      <TextField label={t.model.note} value={note} onChange={(e) => setNote(e.target.value)} maxLength={1000} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t.actions.cancel}</Button>
        <Button variant="primary" busy={run.isPending} disabled={!g || (shut && !force)} onClick={() => run.mutate()}>
          {t.model.publish}
        </Button>
      </div>
    </div>
  );
}

const HEATS: Heat[] = ["hot", "warm", "cold"];

/** Rows: the heat now; columns: the heat then. */
export function Moves({ moves }: { moves: number[][] }) {
  return (
    <Table
      caption={t.model.moves}
      hideCaption={false}
      head={
        <>
          <Th>{t.heat.label}</Th>
          {HEATS.map((h) => (
            <Th key={h} numeric>
              {t.model.movesTo(t.heat[h])}
            </Th>
          ))}
        </>
      }
    >
      {HEATS.map((h, i) => (
        <Tr key={h}>
          <Th scope="row">{t.model.movesFrom(t.heat[h])}</Th>
          {HEATS.map((to, k) => (
            <Td key={to} numeric className={i === k ? "text-soft" : "font-semibold"}>
              {number(moves[i]?.[k] ?? 0)}
            </Td>
          ))}
        </Tr>
      ))}
    </Table>
  );
}
