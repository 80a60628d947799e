// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { ApiError } from "@/lib/client";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/upload";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Confirm } from "@/ui/Confirm";
import { Notice } from "@/ui/Notice";
import { Progress } from "@/ui/Progress";
import { ChooseOutcome } from "./ChooseOutcome";
import { DryRun } from "./DryRun";
import { FileLayout } from "./FileLayout";
import { Importing } from "./Importing";
import { MapColumns } from "./MapColumns";
import { Result } from "./Result";
import { type Step, Steps } from "./Steps";
import { checkUpload, commitUpload, type Decision, discardUpload, isWorking, type Upload, uploadKeys } from "./api";
import { clashes, useDecision } from "./decision";

interface Props {
  upload: Upload;
  onChange: (u: Upload) => void;
}

/** An upload from the file to its result; where it stands is the server's to say. */
export function Wizard({ upload, onChange }: Props) {
  const [params] = useSearchParams();
  const asked = params.get("step");
  const checking = upload.state === "profiling" && upload.columns !== undefined;
  if (upload.state === "review" || checking)
    return <Review key={columnsKey(upload)} upload={upload} onChange={onChange} checking={checking} asked={asked} />;
  if (upload.state === "importing")
    return (
      <>
        <Steps now="import" />
        <Importing upload={upload} onChange={onChange} />
      </>
    );
  if (isWorking(upload))
    return (
      <>
        <Steps now="file" />
        <Card title={t.upload.reading} about={t.upload.readingText}>
          <Progress label={t.upload.reading} value={upload.progress} />
        </Card>
      </>
    );
  return (
    <>
      <Steps now="done" />
      <Result upload={upload} onChange={onChange} />
    </>
  );
}

const columnsKey = (u: Upload) => (u.columns ?? []).map((c) => c.name).join("\n");
const ORDER = ["map", "outcome", "check"] as const;
type Part = (typeof ORDER)[number];

function Review({ upload, onChange, checking, asked }: Props & { checking: boolean; asked: string | null }) {
  const [decision, decide] = useDecision(upload);
  const [, setParams] = useSearchParams();
  const [checked, setChecked] = useState<string | null>(null);
  const step: Part = ORDER.find((s) => s === asked) ?? "map";
  const go = (to: Part) => {
    setParams({ step: to });
    window.scrollTo(0, 0);
  };
  const queries = useQueryClient();
  const check = useMutation({ mutationFn: (d: Decision) => checkUpload(upload.id, d), onSuccess: onChange });
  const commit = useMutation({
    mutationFn: () => commitUpload(upload.id, decision),
    onSuccess: (u) => {
      onChange(u);
      return queries.invalidateQueries({ queryKey: uploadKeys.list });
    },
  });
  const key = JSON.stringify(decision);
  const { mutate: runCheck } = check;
  // The check belongs to one decision: another one is tried anew.
  useEffect(() => {
    if (step !== "check" || checking || checked === key) return;
    setChecked(key);
    runCheck(JSON.parse(key) as Decision);
  }, [step, checking, checked, key, runCheck]);

  const clash = clashes(decision.mapping, upload.columns ?? []).length > 0;
  const error = commit.error ?? check.error;
  const running = check.isPending || checking;
  const fresh = upload.check !== undefined && !running && checked === key;
  const at = ORDER.indexOf(step);
  const willImport = upload.check ? upload.check.create + upload.check.update : undefined;
  return (
    <>
      <Steps now={step as Step} onStep={(s) => ORDER.includes(s as Part) && !(clash && s !== "map") && go(s as Part)} />
      {error instanceof ApiError && (
        <Notice tone="bad" role="alert" title={error.title} className="mb-5">
          {error.detail}
          {error.errors.map((f) => (
            <span key={f.pointer} className="block">
              {f.pointer}: {f.detail}
            </span>
          ))}
        </Notice>
      )}
      <div className="flex flex-col gap-5">
        {step === "map" && <FileLayout upload={upload} onChange={onChange} />}
        {step === "map" && <MapColumns upload={upload} decision={decision} onChange={decide} />}
        {step === "outcome" && <ChooseOutcome upload={upload} decision={decision} onChange={decide} />}
        {step === "check" && <DryRun upload={upload} decision={decision} running={!fresh && !check.error} onChange={decide} />}
      </div>
      <div data-foot className="sticky bottom-0 z-10 -mx-3 mt-5 flex flex-wrap items-center gap-2 border-t bg-page px-3 py-3 sm:-mx-5 sm:px-5">
        <Discard upload={upload} />
        <span className="flex-1" />
        {at > 0 && <Button onClick={() => go(ORDER[at - 1]!)}>{t.actions.back}</Button>}
        {step !== "check" ? (
          <Button variant="primary" disabled={clash} onClick={() => go(ORDER[at + 1]!)}>
            {t.actions.next}
          </Button>
        ) : (
          <Button variant="primary" disabled={!fresh} busy={commit.isPending} onClick={() => commit.mutate()}>
            {fresh && willImport !== undefined && decision.mode === "upsert" ? t.upload.importRows(willImport) : t.upload.importNow}
          </Button>
        )}
      </div>
    </>
  );
}

function Discard({ upload }: { upload: Upload }) {
  const [asking, setAsking] = useState(false);
  const navigate = useNavigate();
  const queries = useQueryClient();
  return (
    <>
      <Button variant="ghost" icon={Trash2} onClick={() => setAsking(true)}>
        <span className="max-sm:sr-only">{t.upload.discard}</span>
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={t.upload.discardTitle}
        confirm={t.actions.delete}
        danger
        run={async () => {
          await discardUpload(upload.id);
          await queries.invalidateQueries({ queryKey: uploadKeys.list });
          void navigate(paths.upload);
        }}
      >
        {t.upload.discardText}
      </Confirm>
    </>
  );
}
