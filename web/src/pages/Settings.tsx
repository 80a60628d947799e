// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Navigate, useParams } from "react-router";
import { sessionKeys, useMe } from "@/features/session/api";
import { Audit } from "@/features/settings/Audit";
import { ScheduleCards } from "@/features/settings/Schedule";
import { ServerSettings } from "@/features/settings/Server";
import { Account } from "@/features/users/Account";
import { ApiKeys } from "@/features/users/ApiKeys";
import { Users } from "@/features/users/Users";
import { paths } from "@/lib/paths";
import { atLeast } from "@/lib/roles";
import { t } from "@/lib/strings/settings";
import type { Me, Role } from "@/lib/types";
import { PageHeader } from "@/ui/PageHeader";
import { SkeletonLines } from "@/ui/states";
import { TabLinks } from "@/ui/Tabs";

const TABS: { name: keyof typeof t.settings.tabs; least: Role; show: (me: Me, onMe: (me: Me) => void) => ReactNode }[] = [
  { name: "account", least: "viewer", show: (me, onMe) => <Account me={me} onMe={onMe} /> },
  { name: "users", least: "admin", show: () => <Users /> },
  { name: "keys", least: "admin", show: () => <ApiKeys /> },
  { name: "schedule", least: "manager", show: () => <ScheduleCards /> },
  { name: "server", least: "admin", show: () => <ServerSettings /> },
  { name: "audit", least: "admin", show: () => <Audit /> },
];

export default function Settings() {
  const { tab } = useParams();
  const me = useMe();
  const queries = useQueryClient();
  const mine = TABS.filter((x) => atLeast(me.data, x.least));
  const now = mine.find((x) => x.name === tab);
  if (me.data && !now) return <Navigate to={paths.settingsTab("account")} replace />;
  return (
    <div className="mx-auto max-w-5xl">
      <PageHeader title={now ? `${t.settings.title}: ${t.settings.tabs[now.name]}` : t.settings.title} heading={t.settings.title} />
      <TabLinks
        label={t.settings.tabsLabel}
        tabs={mine.map((x) => ({ to: paths.settingsTab(x.name), label: t.settings.tabs[x.name] }))}
      />
      {me.data && now ? now.show(me.data, (next) => queries.setQueryData(sessionKeys.me, next)) : <SkeletonLines lines={8} />}
    </div>
  );
}
