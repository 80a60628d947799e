// SPDX-License-Identifier: Apache-2.0
// Tabs that are pages: each has an address, so Back works and a link shows a colleague the same.
import { useEffect, useRef } from "react";
import { NavLink, useLocation } from "react-router";
import { cx } from "@/lib/cx";

export interface TabLink {
  to: string;
  label: string;
  /** The tab is current only at exactly this address. */
  end?: boolean;
}

export function TabLinks({ label, tabs }: { label: string; tabs: TabLink[] }) {
  const bar = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // On a narrow window the current tab may lie beyond the edge.
  useEffect(() => {
    const tab = bar.current?.querySelector<HTMLElement>("[aria-current=page]");
    if (bar.current && tab) bar.current.scrollLeft = tab.offsetLeft - (bar.current.clientWidth - tab.offsetWidth) / 2;
  }, [pathname]);
  return (
    <nav ref={bar} aria-label={label} className="relative mb-5 flex gap-1 overflow-x-auto border-b">
      {tabs.map((tab) => (
        <NavLink
          key={tab.to}
          to={tab.to}
          end={tab.end ?? false}
          className={({ isActive }) =>
            cx(
              "-mb-px border-b-2 px-3 py-2 font-medium whitespace-nowrap -outline-offset-2",
              isActive ? "border-accent text-ink" : "border-transparent text-soft hover:text-ink",
            )
          }
        >
          {tab.label}
        </NavLink>
      ))}
    </nav>
  );
}
