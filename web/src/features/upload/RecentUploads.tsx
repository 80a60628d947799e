// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { ago, fullTime, number } from "@/lib/format";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/upload";
import { Card } from "@/ui/Card";
import { Chip } from "@/ui/Chip";
import type { Tone } from "@/ui/Notice";
import { Table, Td, Th, Tr } from "@/ui/Table";
import { ErrorState, SkeletonLines } from "@/ui/states";
import { type Upload, type UploadState, uploadsQuery } from "./api";

const TONE: Record<UploadState, Tone | "plain"> = {
  received: "info",
  profiling: "info",
  review: "caution",
  importing: "info",
  done: "good",
  failed: "bad",
  cancelled: "plain",
  undone: "plain",
};

export function RecentUploads() {
  const uploads = useQuery(uploadsQuery);
  const items = uploads.data?.items;
  return (
    <Card title={t.upload.recent} flush>
      {items ? (
        items.length === 0 ? (
          <p className="px-5 pb-5 text-base text-soft">{t.upload.recentEmpty}</p>
        ) : (
          <Table
            caption={t.upload.recent}
            head={
              <>
                <Th>{t.upload.steps.file}</Th>
                <Th numeric>{t.upload.created}</Th>
                <Th numeric>{t.upload.updated}</Th>
                <Th numeric>{t.upload.rejected}</Th>
              </>
            }
          >
            {items.map((u) => (
              <Row key={u.id} u={u} />
            ))}
          </Table>
        )
      ) : uploads.error ? (
        <ErrorState error={uploads.error} retry={() => void uploads.refetch()} />
      ) : (
        <SkeletonLines lines={3} className="px-5 pb-5" />
      )}
    </Card>
  );
}

function Row({ u }: { u: Upload }) {
  const rows = u.rows;
  const counted = rows && u.state !== "review";
  return (
    <Tr>
      <Td className="min-w-44">
        <Link to={paths.uploadOne(u.id)} className="foreign font-medium text-accent hover:underline">
          {u.filename || u.id}
        </Link>
        <span className="mt-1 flex flex-wrap items-center gap-2">
          <Chip tone={TONE[u.state]} className="whitespace-nowrap">
            {t.upload.states[u.state]}
          </Chip>
          <span className="text-sm text-soft" title={fullTime(u.created_at)}>
            {ago(u.created_at)}
          </span>
        </span>
      </Td>
      <Td numeric>{counted ? number(rows.created) : ""}</Td>
      <Td numeric>{counted ? number(rows.updated) : ""}</Td>
      <Td numeric>{counted ? number(rows.rejected) : ""}</Td>
    </Tr>
  );
}
