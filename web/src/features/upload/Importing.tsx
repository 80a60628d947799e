// SPDX-License-Identifier: Apache-2.0
import { useMutation } from "@tanstack/react-query";
import { bytes } from "@/lib/format";
import { t } from "@/lib/strings/upload";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Notice } from "@/ui/Notice";
import { Progress } from "@/ui/Progress";
import { Counts } from "./Counts";
import { cancelUpload, type Upload } from "./api";

export function Importing({ upload, onChange }: { upload: Upload; onChange: (u: Upload) => void }) {
  const stop = useMutation({ mutationFn: () => cancelUpload(upload.id), onSuccess: onChange });
  const rows = upload.rows ?? { read: 0, created: 0, updated: 0, unchanged: 0, rejected: 0 };
  const rate = upload.rate ? t.upload.rate(Math.round(upload.rate)) : "";
  return (
    <Card
      title={t.upload.importing}
      about={t.upload.importingAbout}
      actions={
        <Button busy={stop.isPending} disabled={stop.isSuccess} onClick={() => stop.mutate()}>
          {t.upload.stop}
        </Button>
      }
    >
      {stop.error && <Notice tone="bad" role="alert" title={stop.error.message} className="mb-3" />}
      <Progress label={t.upload.importing} value={upload.progress} />
      <p className="tnum mt-2 mb-4 text-sm text-soft">
        {t.upload.progress(rows.read, rate)}
        {upload.bytes !== undefined && ` · ${t.upload.bytesOf(bytes(upload.bytes * (upload.progress ?? 0)), bytes(upload.bytes))}`}
        {upload.eta_s !== undefined && ` · ${t.upload.eta(upload.eta_s)}`}
      </p>
      <Counts
        items={[
          [t.upload.created, rows.created],
          [t.upload.updated, rows.updated],
          [t.upload.unchanged, rows.unchanged],
          [t.upload.rejected, rows.rejected],
        ]}
      />
    </Card>
  );
}
