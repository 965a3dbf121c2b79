// A modal dialog: Escape and a click beside it close it, and the focus goes back to where it was.
import { type MouseEvent, type ReactNode, useEffect, useId, useRef } from "react";
import { Icon } from "./Icon";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** The element with `data-first` gets the focus. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const opened = dialog.current;
    const opener = document.activeElement;
    opened?.showModal();
    opened?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => {
      opened?.close();
      // The browser gives the focus back when a dialog is closed, but not when it is taken out of the page.
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  const closeBeside = (event: MouseEvent) => event.target === dialog.current && onClose();
  return (
    <dialog ref={dialog} aria-labelledby={titleId} onCancel={cancelTo(onClose)} onMouseDown={closeBeside}>
      <div className="dialog-body">
        <header className="dialog-head">
          <h2 id={titleId}>{title}</h2>
          <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

function cancelTo(onClose: () => void) {
  return (event: { preventDefault(): void }) => {
    event.preventDefault();
    onClose();
  };
}
