'use client';

import { Check, Copy, Download } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import type { MenuPanelProps } from './menu-button.tsx';
import { saveFile } from './save-file.ts';
import type { CellValue } from './sort-rows.ts';
import { toCsv, toTsv } from './to-csv.ts';

export interface TableMenuProps {
  /** What the rows are, in words: name of the CSV file. */
  label: string;
  columns: readonly { id: string; header: string; primary?: boolean }[];
  visibility: Record<string, boolean>;
  onVisibility: (visibility: Record<string, boolean>) => void;
  /** What is copied and saved: the rows as they stand, all columns with a value. */
  exported: () => { head: string[]; lines: CellValue[][] };
}

/** Column choice, copy and CSV of a table. */
export function TableMenuPanel({ label, columns, visibility, onVisibility, exported, trigger }: TableMenuProps & MenuPanelProps): ReactNode {
  const item = 'flex h-8 cursor-default items-center gap-2 rounded-sm px-2 outline-none data-[highlighted]:bg-hover';
  const copy = () => {
    const { head, lines } = exported();
    void navigator.clipboard.writeText(toTsv([head, ...lines]));
  };
  const download = () => {
    const { head, lines } = exported();
    saveFile(label, 'csv', new Blob([toCsv([head, ...lines])], { type: 'text/csv;charset=utf-8' }));
  };
  return (
    <DropdownMenu.Root modal={false} defaultOpen>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={4} className="z-50 max-h-[70vh] min-w-48 overflow-y-auto rounded-md border border-line bg-raised p-1 shadow-xl">
          <DropdownMenu.Label className="px-2 py-1 text-xs text-muted">Columns</DropdownMenu.Label>
          {columns.map((column) => (
            <DropdownMenu.CheckboxItem
              key={column.id}
              className={item}
              checked={visibility[column.id] !== false}
              disabled={column.primary === true}
              onSelect={(event) => event.preventDefault()}
              onCheckedChange={(checked) => onVisibility({ ...visibility, [column.id]: checked })}
            >
              <span className="inline-flex size-4 items-center">
                <DropdownMenu.ItemIndicator>
                  <Check aria-hidden size={14} />
                </DropdownMenu.ItemIndicator>
              </span>
              {column.header}
            </DropdownMenu.CheckboxItem>
          ))}
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <DropdownMenu.Item className={item} onSelect={copy}>
            <Copy aria-hidden size={14} /> Copy rows
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} onSelect={download}>
            <Download aria-hidden size={14} /> Download CSV
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
