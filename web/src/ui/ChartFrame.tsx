// SPDX-License-Identifier: Apache-2.0
// Every chart comes as a picture, as a sentence and as a table, and leaves as CSV.
import { ChartLine, Table2 } from "lucide-react";
import { type ReactNode, type RefObject, Suspense, useEffect, useRef, useState } from "react";
import { t } from "@/lib/strings";
import { IconButton } from "./Button";
import { Card } from "./Card";
import { type ChartCell, CsvButton } from "./CsvButton";
import { Skeleton } from "./states";
import { Table, Td, Th, Tr } from "./Table";

interface Props {
  title: string;
  about?: ReactNode;
  /** What the picture says, in words; also its name for screen readers. */
  summary: string;
  head: string[];
  /** As numbers, for the CSV. */
  rows: ChartCell[][];
  /** As text, for the table; the rows themselves when left out. */
  shown?: string[][];
  /** Height that the chart takes, so that nothing jumps while its code arrives. */
  height: number;
  children: ReactNode;
  footer?: ReactNode;
  className?: string;
}

/** Whether something is on screen or was: what is far below is drawn when it comes near, or is printed. */
function useNear(ref: RefObject<Element | null>) {
  const [near, setNear] = useState(typeof IntersectionObserver === "undefined");
  useEffect(() => {
    const el = ref.current;
    if (near || !el) return;
    const draw = () => setNear(true);
    const seen = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && draw(), { rootMargin: "240px" });
    seen.observe(el);
    window.addEventListener("beforeprint", draw);
    return () => {
      seen.disconnect();
      window.removeEventListener("beforeprint", draw);
    };
  }, [near, ref]);
  return near;
}

export function ChartFrame({ title, about, summary, head, rows, shown, height, children, footer, className }: Props) {
  const [table, setTable] = useState(false);
  const figure = useRef<HTMLElement>(null);
  const near = useNear(figure);
  return (
    <Card
      title={title}
      about={about}
      {...(className ? { className } : {})}
      actions={
        <span className="-mr-2 flex">
          <IconButton
            size="sm"
            icon={table ? ChartLine : Table2}
            label={table ? t.actions.showChart : t.actions.showTable}
            aria-pressed={table}
            onClick={() => setTable(!table)}
          />
          <CsvButton title={title} head={head} rows={rows} />
        </span>
      }
    >
      {table ? (
        <div className="-mx-5 overflow-auto" style={{ minHeight: height }}>
          <Table caption={title} head={head.map((h, i) => <Th key={h} numeric={i > 0}>{h}</Th>)}>
            {(shown ?? rows).map((r, i) => (
              <Tr key={i}>
                {r.map((c, j) => (
                  <Td key={j} numeric={j > 0} className={j === 0 ? "foreign" : undefined}>
                    {c ?? ""}
                  </Td>
                ))}
              </Tr>
            ))}
          </Table>
        </div>
      ) : (
        <figure ref={figure} aria-label={summary}>
          <div style={{ height }} aria-hidden>
            {near && <Suspense fallback={<Skeleton className="size-full" />}>{children}</Suspense>}
          </div>
        </figure>
      )}
      <p className="mt-3 text-sm text-soft">{summary}</p>
      {footer}
    </Card>
  );
}
