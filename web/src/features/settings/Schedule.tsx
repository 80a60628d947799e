// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/lib/client";
import { t } from "@/lib/strings/settings";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { SelectField, TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { ErrorState, SkeletonLines } from "@/ui/states";
import { toast } from "@/ui/toast";
import { type Schedule, saveSchedule, scheduleQuery, settingsKeys } from "./api";

export function ScheduleCards() {
  const schedule = useQuery(scheduleQuery);
  if (schedule.data) return <Form saved={schedule.data} />;
  if (schedule.error)
    return (
      <Card>
        <ErrorState error={schedule.error} retry={() => void schedule.refetch()} />
      </Card>
    );
  return <SkeletonLines lines={6} />;
}

function Form({ saved }: { saved: Schedule }) {
  const queries = useQueryClient();
  const [s, setS] = useState(saved);
  const save = useMutation({
    mutationFn: () => saveSchedule(s),
    onSuccess: (next) => {
      queries.setQueryData(settingsKeys.schedule, next);
      toast({ tone: "good", title: t.settings.saved });
    },
  });
  const error = save.error instanceof ApiError ? save.error : null;
  const retrain = (part: Partial<Schedule["retrain"]>) => setS({ ...s, retrain: { ...s.retrain, ...part } });
  function submit(e: FormEvent) {
    e.preventDefault();
    save.mutate();
  }
  const { every } = s.retrain;
  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      {error && (
        <Notice tone="bad" role="alert" title={error.title}>
          {error.detail}
        </Notice>
      )}
      <Card title={t.schedule.title} about={t.schedule.about}>
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField label={t.schedule.every} value={every} onChange={(e) => retrain({ every: e.target.value as typeof every, day: 1 })}>
            <option value="off">{t.schedule.off}</option>
            <option value="week">{t.schedule.week}</option>
            <option value="month">{t.schedule.month}</option>
          </SelectField>
          {every === "week" && (
            <SelectField label={t.schedule.weekday} value={s.retrain.day ?? 1} onChange={(e) => retrain({ day: Number(e.target.value) })}>
              {t.schedule.days.map((d, i) => (
                <option key={d} value={i}>
                  {d}
                </option>
              ))}
            </SelectField>
          )}
          {every === "month" && (
            <TextField
              label={t.schedule.monthday}
              type="number"
              min={1}
              max={28}
              value={s.retrain.day ?? 1}
              onChange={(e) => retrain({ day: e.target.valueAsNumber })}
              required
            />
          )}
          {every !== "off" && (
            <>
              <Hour label={t.schedule.hour} value={s.retrain.hour ?? 3} onChange={(hour) => retrain({ hour })} />
              <SelectField
                label={t.schedule.publish}
                value={s.retrain.publish}
                onChange={(e) => retrain({ publish: e.target.value as "gate" | "ask" })}
              >
                <option value="gate">{t.schedule.publishGate}</option>
                <option value="ask">{t.schedule.publishAsk}</option>
              </SelectField>
            </>
          )}
        </div>
      </Card>
      <Card title={t.schedule.rescore} about={t.schedule.rescoreAbout}>
        <div className="grid gap-4 sm:grid-cols-2">
          <Hour label={t.schedule.rescoreHour} value={s.rescore.hour} onChange={(hour) => setS({ ...s, rescore: { hour } })} />
        </div>
      </Card>
      <Button type="submit" variant="primary" busy={save.isPending} className="self-start">
        {t.actions.save}
      </Button>
    </form>
  );
}

function Hour({ label, value, onChange }: { label: string; value: number; onChange: (hour: number) => void }) {
  return (
    <SelectField label={label} value={value} onChange={(e) => onChange(Number(e.target.value))}>
      {Array.from({ length: 24 }, (_, h) => (
        <option key={h} value={h}>
          {String(h).padStart(2, "0")}:00
        </option>
      ))}
    </SelectField>
  );
}
