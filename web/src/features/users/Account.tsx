// SPDX-License-Identifier: Apache-2.0
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/lib/client";
import { zone } from "@/lib/format";
import { setShortcutsOn, shortcutsOn } from "@/lib/shortcuts";
import { t } from "@/lib/strings/settings";
import type { Me } from "@/lib/types";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Checkbox, TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { toast } from "@/ui/toast";
import { PasswordCard } from "./PasswordCard";
import { SessionsCard } from "./SessionsCard";
import { TotpCard } from "./TotpCard";
import { changeMe } from "./api";

interface Props {
  me: Me;
  /** What is known of oneself has changed. */
  onMe: (me: Me) => void;
}

export function Account({ me, onMe }: Props) {
  return (
    <div className="flex flex-col gap-5">
      {me.id === "local" ? (
        <Notice title={t.account.local}>{t.account.localText}</Notice>
      ) : (
        <>
          <ProfileCard key={me.id} me={me} onMe={onMe} />
          <div className="grid items-start gap-5 md:grid-cols-2">
            <PasswordCard />
            <TotpCard me={me} onMe={onMe} />
          </div>
          <SessionsCard />
        </>
      )}
      <KeyboardCard />
    </div>
  );
}

function ProfileCard({ me, onMe }: Props) {
  const [name, setName] = useState(me.name ?? "");
  const [timeZone, setTimeZone] = useState(me.time_zone ?? "");
  const save = useMutation({
    mutationFn: () => changeMe({ name: name.trim(), time_zone: timeZone }),
    onSuccess: (next) => {
      onMe(next);
      toast({ tone: "good", title: t.settings.saved });
    },
  });
  const error = save.error instanceof ApiError ? save.error : null;
  function submit(e: FormEvent) {
    e.preventDefault();
    save.mutate();
  }
  return (
    <Card title={t.account.profile} about={`${me.email ?? ""} · ${t.account.role(t.roles[me.role])}`}>
      <form onSubmit={submit} className="grid items-start gap-4 sm:grid-cols-[1fr_1fr_auto]">
        <TextField label={t.account.name} value={name} onChange={(e) => setName(e.target.value)} autoComplete="name" error={error?.fault("/name")} />
        <TextField
          label={t.account.zone}
          hint={t.account.zoneHint(zone())}
          value={timeZone}
          onChange={(e) => setTimeZone(e.target.value)}
          list="time-zones"
          error={error?.fault("/time_zone") ?? (error && error.errors.length === 0 ? error.message : undefined)}
        />
        <datalist id="time-zones">
          {Intl.supportedValuesOf("timeZone").map((z) => (
            <option key={z} value={z} />
          ))}
        </datalist>
        <Button type="submit" busy={save.isPending} className="sm:mt-[1.65rem]">
          {t.actions.save}
        </Button>
      </form>
    </Card>
  );
}

function KeyboardCard() {
  const [on, setOn] = useState(shortcutsOn);
  return (
    <Card title={t.account.shortcuts} about={t.account.shortcutsHint}>
      <Checkbox
        label={t.account.shortcutsLabel}
        checked={on}
        onChange={(e) => {
          setOn(e.target.checked);
          setShortcutsOn(e.target.checked);
        }}
      />
    </Card>
  );
}
