// SPDX-License-Identifier: Apache-2.0
import {
  BookOpen,
  Command,
  Gauge,
  House,
  Keyboard,
  LogOut,
  Menu as MenuIcon,
  Monitor,
  Moon,
  Search,
  Settings,
  Sun,
  Upload,
  UserRound,
  Users,
} from "lucide-react";
import { type FormEvent, type RefObject, useEffect, useState, useSyncExternalStore } from "react";
import { NavLink, useLocation, useNavigate } from "react-router";
import { cx } from "@/lib/cx";
import { paths } from "@/lib/paths";
import { atLeast } from "@/lib/roles";
import { t } from "@/lib/strings";
import { setTheme, themeStore } from "@/lib/theme";
import type { Me } from "@/lib/types";
import { IconButton } from "@/ui/Button";
import { Kbd } from "@/ui/Kbd";
import { Menu, type MenuGroup } from "@/ui/Menu";
import { Logo } from "@/ui/Logo";

/** Who may not upload is not offered to. */
export const navItems = (me: Me | undefined) => [
  { to: paths.overview, label: t.nav.overview, icon: House },
  { to: paths.leads, label: t.nav.leads, icon: Users },
  ...(atLeast(me, "rep") ? [{ to: paths.upload, label: t.nav.upload, icon: Upload }] : []),
  { to: paths.model, label: t.nav.model, icon: Gauge },
  { to: paths.settings, label: t.nav.settings, icon: Settings },
];

interface Props {
  me: Me | undefined;
  searchRef: RefObject<HTMLInputElement | null>;
  onPalette: () => void;
  onHelp: () => void;
  onSignOut: () => void;
  /** What shows running jobs. */
  jobs?: React.ReactNode;
}

export function Navbar({ me, searchRef, onPalette, onHelp, onSignOut, jobs }: Props) {
  return (
    <header className="sticky top-0 z-30 border-b bg-panel">
      <div className="flex h-14 items-center gap-1 px-3 sm:px-5">
        <NavLink to={paths.overview} className="mr-2 flex rounded-lg p-0.5 lg:mr-4">
          <Logo />
        </NavLink>
        <nav aria-label={t.nav.label} className="hidden items-center gap-0.5 md:flex">
          {navItems(me).map(({ to, label }) => (
            <NavLink
              key={to}
              to={to}
              end={to === paths.overview}
              className={({ isActive }) =>
                cx(
                  "rounded-lg px-2.5 py-1.5 font-medium transition-colors lg:px-3",
                  isActive ? "bg-tint text-accent" : "text-soft hover:bg-hover hover:text-ink",
                )
              }
            >
              {label}
            </NavLink>
          ))}
        </nav>
        <SearchForm inputRef={searchRef} />
        <IconButton icon={Command} label={`${t.nav.palette} (Ctrl K)`} onClick={onPalette} className="max-sm:hidden" />
        {jobs}
        <ThemeMenu />
        <AccountMenu me={me} onHelp={onHelp} onSignOut={onSignOut} />
        <span className="md:hidden">
          <Menu
            button={<IconButton icon={MenuIcon} label={t.nav.menu} />}
            groups={[{ items: navItems(me).map(({ to, label, icon }) => ({ to, label, icon })) }]}
          />
        </span>
      </div>
    </header>
  );
}

function SearchForm({ inputRef }: { inputRef: RefObject<HTMLInputElement | null> }) {
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const shown = pathname === paths.leads ? (new URLSearchParams(search).get("q") ?? "") : "";
  const [text, setText] = useState(shown);
  useEffect(() => setText(shown), [shown]);

  function submit(e: FormEvent) {
    e.preventDefault();
    // A search within the list keeps the filters that are set.
    const next = new URLSearchParams(pathname === paths.leads ? search : "");
    if (text.trim()) next.set("q", text.trim());
    else next.delete("q");
    void navigate({ pathname: paths.leads, search: next.toString() });
    // The keys belong to the list again.
    inputRef.current?.blur();
  }
  return (
    <form role="search" onSubmit={submit} className="relative ml-auto min-w-0 flex-1 sm:max-w-72">
      <Search aria-hidden className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-soft" />
      <input
        ref={inputRef}
        type="search"
        value={text}
        onChange={(e) => setText(e.target.value)}
        onKeyDown={(e) => e.key === "Escape" && e.currentTarget.blur()}
        aria-label={t.nav.search}
        placeholder={t.nav.search}
        className="h-9 w-full min-w-0 rounded-lg border border-transparent bg-sunken pr-8 pl-8 text-base transition-colors hover:border-mute focus:border-edge focus:bg-panel [&::-webkit-search-cancel-button]:hidden"
      />
      <span aria-hidden className="absolute top-1/2 right-2 -translate-y-1/2 max-sm:hidden">
        <Kbd>/</Kbd>
      </span>
    </form>
  );
}

const THEME_ICON = { light: Sun, dark: Moon, system: Monitor };

function ThemeMenu() {
  const choice = useSyncExternalStore(themeStore.subscribe, themeStore.snapshot);
  const choices = ["light", "dark", "system"] as const;
  return (
    <Menu
      button={<IconButton icon={THEME_ICON[choice]} label={t.theme.now(t.theme[choice])} className="max-sm:hidden" />}
      groups={[
        {
          label: t.theme.label,
          items: choices.map((c) => ({
            label: t.theme[c],
            icon: THEME_ICON[c],
            checked: c === choice,
            onSelect: () => setTheme(c),
          })),
        },
      ]}
    />
  );
}

function AccountMenu({ me, onHelp, onSignOut }: Pick<Props, "me" | "onHelp" | "onSignOut">) {
  const local = me?.id === "local";
  const groups: MenuGroup[] = [
    {
      label: local ? t.nav.local : t.nav.signedInAs(me?.name || me?.email || ""),
      items: [
        { label: t.nav.settings, icon: Settings, to: paths.settings },
        { label: t.nav.help, icon: Keyboard, hint: "?", onSelect: onHelp },
        { label: t.nav.apiDocs, icon: BookOpen, onSelect: () => window.location.assign(paths.docs) },
      ],
    },
  ];
  if (!local) groups.push({ items: [{ label: t.nav.signOut, icon: LogOut, onSelect: onSignOut }] });
  return <Menu button={<IconButton icon={UserRound} label={t.nav.account} />} groups={groups} />;
}
