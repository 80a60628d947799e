// SPDX-License-Identifier: Apache-2.0
import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { Fragment } from "react";
import { Link } from "react-router";
import { cx } from "@/lib/cx";
import type { MenuItem, MenuProps } from "./Menu";

const ITEM =
  "flex w-full cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-1.5 text-left text-base outline-none select-none data-disabled:cursor-not-allowed data-disabled:opacity-55 data-highlighted:bg-tint";

function Body({ item }: { item: MenuItem }) {
  const Icon = item.icon;
  return (
    <>
      {Icon && <Icon aria-hidden className="size-4 shrink-0 text-soft" />}
      <span className="foreign min-w-0 flex-1">{item.label}</span>
      {item.checked && <Check aria-hidden className="size-4 shrink-0 text-accent" />}
      {item.hint && <span className="text-sm text-soft">{item.hint}</span>}
    </>
  );
}

function Entry({ item }: { item: MenuItem }) {
  const look = cx(ITEM, item.danger && "text-bad");
  if (item.checked !== undefined)
    return (
      <DropdownMenu.CheckboxItem className={look} checked={item.checked} disabled={item.disabled ?? false} onSelect={item.onSelect}>
        <Body item={item} />
      </DropdownMenu.CheckboxItem>
    );
  if (item.to)
    return (
      <DropdownMenu.Item asChild disabled={item.disabled ?? false}>
        <Link to={item.to} className={look}>
          <Body item={item} />
        </Link>
      </DropdownMenu.Item>
    );
  return (
    <DropdownMenu.Item className={look} disabled={item.disabled ?? false} onSelect={item.onSelect}>
      <Body item={item} />
    </DropdownMenu.Item>
  );
}

/** Within the page's landmark; but behind an open dialog that would be out of reach. */
const place = () => (document.querySelector('[role="dialog"]') ? null : document.getElementById("main"));

export default function MenuImpl({ button, groups, align = "end" }: MenuProps) {
  return (
    <DropdownMenu.Root defaultOpen modal={false}>
      <DropdownMenu.Trigger asChild>{button}</DropdownMenu.Trigger>
      <DropdownMenu.Portal container={place()}>
        <DropdownMenu.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-48 max-w-80 animate-pop overflow-y-auto rounded-xl border bg-panel p-1.5 shadow-pop"
        >
          {groups.map((group, g) => (
            <Fragment key={g}>
              {g > 0 && <DropdownMenu.Separator className="my-1.5 h-px bg-line" />}
              {group.label && <DropdownMenu.Label className="px-2.5 py-1 text-xs font-medium text-soft">{group.label}</DropdownMenu.Label>}
              {group.items.map((item, i) => (
                <Entry key={i} item={item} />
              ))}
            </Fragment>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
