// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Ban, CircleCheck, Download, type LucideIcon, Undo2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import { paths } from "@/lib/paths";
import { t } from "@/lib/strings/upload";
import { Button, ButtonAnchor, ButtonLink } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Confirm } from "@/ui/Confirm";
import { Notice } from "@/ui/Notice";
import { Counts } from "./Counts";
import { ReadingForm } from "./ReadingForm";
import { errorsCsv, type Upload, undoUpload, uploadQuery } from "./api";

interface Props {
  upload: Upload;
  onChange: (u: Upload) => void;
}

/** What an upload has come to: imported, stopped, undone or failed. */
export function Result({ upload, onChange }: Props) {
  if (upload.state === "failed") return <Failed upload={upload} onChange={onChange} />;
  if (upload.state === "undone") return <Undone upload={upload} />;
  return <Imported upload={upload} onChange={onChange} />;
}

/** One of which nothing is imported yet can be read in another way. */
function Failed({ upload, onChange }: Props) {
  return (
    <div className="flex flex-col gap-5">
      <Notice
        tone="bad"
        role="alert"
        title={upload.error?.title ?? t.upload.failedTitle}
        action={<ButtonLink to={paths.upload}>{t.upload.another}</ButtonLink>}
      >
        {upload.error?.detail}
      </Notice>
      {upload.has_file && !upload.rows?.read && (
        <Card title={t.upload.readOtherwise} about={t.upload.readOtherwiseAbout}>
          <ReadingForm upload={upload} onChange={onChange} />
        </Card>
      )}
    </div>
  );
}

function Heading({ icon: Icon, ink, children }: { icon: LucideIcon; ink: string; children: ReactNode }) {
  return (
    <span className="flex items-center gap-2">
      <Icon aria-hidden className={`size-5 ${ink}`} />
      {children}
    </span>
  );
}

function Imported({ upload, onChange }: Props) {
  const [asking, setAsking] = useState(false);
  const [undoing, setUndoing] = useState(false);
  // The page shows whatever the server says of it next.
  useQuery({ ...uploadQuery(upload.id), enabled: undoing, refetchInterval: undoing ? 1000 : false });
  const stopped = upload.state === "cancelled";
  const rows = upload.rows ?? { read: 0, created: 0, updated: 0, unchanged: 0, rejected: 0 };
  const leads = `${paths.leads}?upload_id=${upload.id}`;
  const learned = upload.outcome && (upload.outcome.won?.length ?? 0) > 0;
  return (
    <div className="flex flex-col gap-5">
      <Card
        title={
          stopped ? (
            <Heading icon={Ban} ink="text-soft">{t.upload.cancelledTitle}</Heading>
          ) : (
            <Heading icon={CircleCheck} ink="text-good">{t.upload.doneTitle}</Heading>
          )
        }
        about={stopped ? t.upload.cancelledText : t.upload.doneAbout(rows.read)}
        actions={
          <Button icon={Undo2} busy={undoing} onClick={() => setAsking(true)}>
            {undoing ? t.upload.undoing : t.upload.undo}
          </Button>
        }
      >
        <Counts
          items={[
            [t.upload.created, rows.created],
            [t.upload.updated, rows.updated],
            [t.upload.unchanged, rows.unchanged],
            [t.upload.rejected, rows.rejected],
          ]}
        />
        <div className="mt-5 flex flex-wrap gap-2">
          <ButtonLink variant="primary" to={leads}>
            {t.upload.showLeads}
          </ButtonLink>
          {learned && <ButtonLink to={`${paths.model}?train=${upload.id}`}>{t.upload.train}</ButtonLink>}
          <ButtonLink variant="ghost" to={paths.upload}>
            {t.upload.another}
          </ButtonLink>
        </div>
      </Card>
      {rows.rejected > 0 && (
        <Notice
          tone="caution"
          title={`${t.upload.rejected}: ${t.upload.rows(rows.rejected)}`}
          action={
            <ButtonAnchor icon={Download} href={errorsCsv(upload.id)} download>
              {t.upload.errorsCsv}
            </ButtonAnchor>
          }
        >
          {t.upload.errorsHint}
        </Notice>
      )}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={t.upload.undoTitle}
        confirm={t.upload.undo}
        danger
        run={async () => {
          onChange(await undoUpload(upload.id));
          setUndoing(true);
        }}
      >
        {t.upload.undoText}
      </Confirm>
    </div>
  );
}

function Undone({ upload }: { upload: Upload }) {
  const undo = upload.undo ?? { restored: 0, deleted: 0 };
  const kept = undo.kept ?? [];
  return (
    <Card title={<Heading icon={Undo2} ink="text-soft">{t.upload.undoneTitle}</Heading>}>
      <p>{t.upload.undone(undo.restored, undo.deleted)}</p>
      {kept.length > 0 && (
        <>
          <p className="mt-3 font-medium">{t.upload.kept(undo.kept_count ?? kept.length)}</p>
          <ul className="mt-1 columns-1 font-mono text-sm sm:columns-2">
            {kept.slice(0, 50).map((id) => (
              <li key={id}>
                <Link to={paths.lead(id)} className="text-accent hover:underline">
                  {id}
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
      <div className="mt-5">
        <ButtonLink to={paths.upload}>{t.upload.another}</ButtonLink>
      </div>
    </Card>
  );
}
