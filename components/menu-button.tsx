'use client';

import { lazy, Suspense, useState, type ComponentProps, type ComponentType, type ReactElement, type ReactNode } from 'react';

export interface MenuPanelProps {
  /** The button: the panel hangs from it. */
  trigger: ReactElement;
}

interface MenuButtonProps<Props extends object> extends Omit<ComponentProps<'button'>, 'onClick' | 'type'> {
  /** Brings the menu: Radix's menu and its positioning are 20 kB, so they come when somebody reaches for it. The same function for ever. */
  load: () => Promise<ComponentType<Props & MenuPanelProps>>;
  props: Props;
}

/** A button with a menu that is loaded on the way to it (pointer, focus) and opens when it is there. */
export function MenuButton<Props extends object>({ load, props, ...button }: MenuButtonProps<Props>): ReactNode {
  const [Panel, setPanel] = useState<ComponentType<Props & MenuPanelProps> | null>(null);
  if (Panel) {
    return (
      <Suspense fallback={<button type="button" aria-haspopup="menu" aria-busy {...button} />}>
        <Panel {...props} trigger={<button type="button" {...button} />} />
      </Suspense>
    );
  }
  const open = () => setPanel(lazy(async () => ({ default: await load() })));
  const prepare = () => void load().catch(() => undefined);
  return (
    <button
      type="button"
      aria-haspopup="menu"
      aria-expanded={false}
      {...button}
      onPointerEnter={prepare}
      onFocus={prepare}
      onClick={open}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowDown') return;
        event.preventDefault();
        open();
      }}
    />
  );
}
