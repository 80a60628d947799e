// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Download, FileText, Trash2 } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ApiError } from "@/lib/client";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/model";
import { Button, ButtonAnchor } from "@/ui/Button";
import { Confirm } from "@/ui/Confirm";
import { Notice } from "@/ui/Notice";
import { toast } from "@/ui/toast";
import { PublishDialog } from "./Publish";
import { State } from "./Versions";
import { approve, cardUrl, exportUrl, modelKeys, removeDraft, type Version } from "./api";

/** The version that is looked at, with what can be done with it. */
export function VersionHead({ v, mayChange }: { v: Version; mayChange: boolean }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState<"publish" | "delete" | null>(null);
  const agree = useMutation({
    mutationFn: () => approve(v.version),
    onSuccess: () => {
      toast({ tone: "good", title: t.model.published(v.version) });
      return queries.invalidateQueries({ queryKey: modelKeys.all });
    },
    onError: (e) => toast({ tone: "bad", title: e instanceof ApiError ? e.title : t.errors.title, text: e.message }),
  });
  const draft = v.state === "draft";
  return (
    <div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h2 className="text-xl font-semibold tracking-tight">{t.model.of(v.version)}</h2>
        <State v={v} />
        <span className="flex-1" />
        <ButtonAnchor icon={FileText} href={cardUrl(v.version)} target="_blank" rel="noreferrer">
          {t.model.card}
        </ButtonAnchor>
        {mayChange && (
          <ButtonAnchor icon={Download} href={exportUrl(v.version)} download>
            {t.model.export}
          </ButtonAnchor>
        )}
        {mayChange && draft && (
          <Button icon={Trash2} onClick={() => setAsking("delete")}>
            {t.model.deleteDraft}
          </Button>
        )}
        {mayChange && v.approval?.waits && (
          <Button variant="primary" busy={agree.isPending} onClick={() => agree.mutate()}>
            {t.model.approve}
          </Button>
        )}
        {mayChange && v.state !== "published" && !v.problem && !v.approval?.waits && (
          <Button variant="primary" onClick={() => setAsking("publish")}>
            {t.model.publish}
          </Button>
        )}
      </div>
      {v.outcome && <p className="foreign mt-1 text-base text-soft">{v.outcome}</p>}
      {v.problem && <Notice tone="bad" title={v.problem} className="mt-3" />}
      {v.not_enough && <Notice tone="caution" title={t.model.few} className="mt-3" />}
      {v.approval?.waits && (
        <Notice tone="info" title={t.model.askedBy} className="mt-3">
          {v.approval.note}
        </Notice>
      )}
      <PublishDialog version={v.version} open={asking === "publish"} onOpenChange={() => setAsking(null)} />
      <Confirm
        open={asking === "delete"}
        onOpenChange={() => setAsking(null)}
        title={t.model.deleteTitle(v.version)}
        confirm={t.actions.delete}
        danger
        run={async () => {
          await removeDraft(v.version);
          void navigate(paths.model, { replace: true });
          await queries.invalidateQueries({ queryKey: modelKeys.list });
        }}
      >
        {t.model.deleteText}
      </Confirm>
    </div>
  );
}
