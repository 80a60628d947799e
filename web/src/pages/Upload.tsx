// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from "@tanstack/react-query";
import { ShieldAlert } from "lucide-react";
import { useNavigate, useParams } from "react-router";
import { useMe } from "@/features/session/api";
import { CsvUpload } from "@/features/upload/CsvUpload";
import { RecentUploads } from "@/features/upload/RecentUploads";
import { Wizard } from "@/features/upload/Wizard";
import { type Upload as Data, uploadKeys, useUpload } from "@/features/upload/api";
import { paths } from "@/lib/paths";
import { atLeast } from "@/lib/roles";
import { t } from "@/lib/strings/upload";
import { Card } from "@/ui/Card";
import { PageHeader } from "@/ui/PageHeader";
import { EmptyState, ErrorState, SkeletonLines, StaleNotice } from "@/ui/states";

export default function Upload() {
  const { id } = useParams();
  const me = useMe();
  const may = !me.data || atLeast(me.data, "rep");
  return <div className="mx-auto max-w-5xl">{!may ? <NotAllowed /> : id ? <One key={id} id={id} /> : <Begin />}</div>;
}

function NotAllowed() {
  return (
    <>
      <PageHeader title={t.upload.title} />
      <Card>
        <EmptyState icon={ShieldAlert} title={t.errors.notAllowed}>
          {t.errors.notAllowedHint}
        </EmptyState>
      </Card>
    </>
  );
}

function Begin() {
  const navigate = useNavigate();
  const queries = useQueryClient();
  function sent(u: Data) {
    queries.setQueryData(uploadKeys.one(u.id), u);
    void queries.invalidateQueries({ queryKey: uploadKeys.list });
    void navigate(paths.uploadOne(u.id));
  }
  return (
    <>
      <PageHeader title={t.upload.title} about={t.upload.about} />
      <div className="flex flex-col gap-5">
        <CsvUpload onSent={sent} />
        <RecentUploads />
      </div>
    </>
  );
}

function One({ id }: { id: string }) {
  const upload = useUpload(id);
  const name = upload.data?.filename;
  return (
    <>
      <PageHeader title={name ? `${t.upload.title}: ${name}` : t.upload.title} heading={name ?? t.upload.title} />
      {upload.data ? (
        <>
          {upload.error && <StaleNotice error={upload.error} retry={() => void upload.refetch()} />}
          <Wizard upload={upload.data} onChange={upload.learn} />
        </>
      ) : upload.error ? (
        <Card>
          <ErrorState error={upload.error} retry={() => void upload.refetch()} />
        </Card>
      ) : (
        <SkeletonLines lines={8} />
      )}
    </>
  );
}
