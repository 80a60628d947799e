// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/lib/client";
import { percent } from "@/lib/format";
import { t } from "@/lib/strings/model";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Segmented } from "@/ui/Segmented";
import { ErrorState, SkeletonLines } from "@/ui/states";
import { toast } from "@/ui/toast";
import { type Bands, bandsQuery, modelKeys, setBands } from "./api";

export function BandsCard({ version, mayChange }: { version: string; mayChange: boolean }) {
  const bands = useQuery(bandsQuery(version));
  const b = bands.data;
  return (
    <Card title={t.model.bands} about={b ? t.model.bandsNow(percent(b.bands.hot), percent(b.bands.warm)) : t.model.bandsAbout}>
      {b ? (
        <>
          {b.warning && <Notice tone="caution" title={b.warning} className="mb-4" />}
          {b.bands.note && <p className="foreign mb-2 text-sm text-soft">{b.bands.note}</p>}
          {typeof b.expected_wins_per_day === "number" && b.expected_wins_per_day > 0 && (
            <p className="mb-4 text-base">{t.model.expected(b.expected_wins_per_day)}</p>
          )}
          {mayChange && <Form key={`${b.bands.hot} ${b.bands.warm}`} version={version} bands={b.bands} />}
        </>
      ) : bands.error ? (
        <ErrorState error={bands.error} retry={() => void bands.refetch()} />
      ) : (
        <SkeletonLines lines={4} />
      )}
    </Card>
  );
}

type How = "threshold" | "capacity" | "value";
const inPercent = (p: number) => String(Math.round(p * 1000) / 10);

function Form({ version, bands }: { version: string; bands: Bands }) {
  const queries = useQueryClient();
  const [how, setHow] = useState<How>("threshold");
  const [v, setV] = useState({ hot: inPercent(bands.hot), warm: inPercent(bands.warm), day: "30", value: "", cost: "" });
  const set = (key: keyof typeof v) => (e: { target: { value: string } }) => setV({ ...v, [key]: e.target.value });
  const request = {
    threshold: () => ({ hot: Number(v.hot) / 100, warm: Number(v.warm) / 100 }),
    capacity: () => ({ capacity: `${v.day}/day` }),
    value: () => ({ value: Number(v.value), cost: Number(v.cost) }),
  };
  const save = useMutation({
    mutationFn: () => setBands(version, request[how]()),
    onSuccess: () => {
      toast({ tone: "good", title: t.model.bandsSaved });
      return queries.invalidateQueries({ queryKey: modelKeys.all });
    },
  });
  const error = save.error instanceof ApiError ? save.error : null;
  function submit(e: FormEvent) {
    e.preventDefault();
    save.mutate();
  }
  const field = (label: string, key: keyof typeof v, pointer: string) => (
    <TextField label={label} type="number" min={0} step="any" value={v[key]} onChange={set(key)} error={error?.fault(pointer)} required />
  );
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {error && error.errors.length === 0 && (
        <Notice tone="bad" role="alert" title={error.title}>
          {error.detail}
        </Notice>
      )}
      <Segmented
        label={t.model.bandsBy}
        value={how}
        onChange={setHow}
        className="self-start"
        options={[
          { value: "threshold", label: t.model.byThreshold },
          { value: "capacity", label: t.model.byCapacity },
          { value: "value", label: t.model.byValue },
        ]}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        {how === "threshold" && field(t.model.hotFrom, "hot", "/hot")}
        {how === "threshold" && field(t.model.warmFrom, "warm", "/warm")}
        {how === "capacity" && field(t.model.perDay, "day", "/capacity")}
        {how === "value" && field(t.model.winValue, "value", "/value")}
        {how === "value" && field(t.model.contactCost, "cost", "/cost")}
      </div>
      <Button type="submit" busy={save.isPending} className="self-start">
        {t.model.bandsSave}
      </Button>
    </form>
  );
}
