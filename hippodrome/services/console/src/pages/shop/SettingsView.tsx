// What is searched, counted, sorted and rewritten in a shop; a change is seen by the next shoppers.
import { type FormEvent, useState } from "react";
import { ApiError } from "../../api/error";
import { readShopSettings, saveShopSettings } from "../../api/shop";
import type { ShopSettings } from "../../api/shopTypes";
import { Field } from "../../parts/Field";
import { Problem } from "../../parts/Problem";
import { Waiting } from "../../parts/Waiting";
import { useAction } from "../../state/action";
import { keys } from "../../state/keys";
import { notify } from "../../state/notices";
import { renew, useResource } from "../../state/resource";
import { draftOfSettings, type SettingsDraft, settingsOf } from "./settingsText";

export function SettingsView({ name }: { name: string }) {
  const key = keys.shopSettings(name);
  const { value: settings, error } = useResource(key, (signal) => readShopSettings(name, signal));
  if (error && settings === undefined) return <Problem error={error} title="The settings cannot be read" />;
  if (settings === undefined) return <Waiting what="settings" lines={6} />;
  return <SettingsForm name={name} settings={settings} />;
}

const TEXTS: readonly {
  field: Exclude<keyof SettingsDraft, "collapse">;
  label: string;
  hint: string;
  rows: number;
}[] = [
  { field: "searchableFields", label: "Searched fields", hint: "A field and its weight; 0 leaves it out.", rows: 4 },
  { field: "facets", label: "Facets", hint: 'A field and its kind: color {"type": "string"}', rows: 5 },
  { field: "defaultSort", label: "Default sort", hint: "A field, asc or desc; none: best first.", rows: 2 },
  { field: "synonyms", label: "Synonyms", hint: "Words that mean the same, with commas between.", rows: 4 },
  { field: "redirects", label: "Redirects", hint: "returns => /pages/returns", rows: 3 },
];

function SettingsForm({ name, settings }: { name: string; settings: ShopSettings }) {
  const [draft, setDraft] = useState(() => draftOfSettings(settings));
  const saving = useAction();
  const save = (event: FormEvent) => {
    event.preventDefault();
    void saving.run(async () => {
      await saveShopSettings(name, readable(draft));
      notify("done", "Saved: the next searches follow");
      renew(keys.inShop(name));
    });
  };
  return (
    <form className="stack shop-settings" aria-label="Settings" onSubmit={save}>
      {saving.error && <Problem error={saving.error} title="The settings were not saved" />}
      {TEXTS.map(({ field, label, hint, rows }) => (
        <Field key={field} label={label} hint={hint} error={undefined}>
          {(input) => (
            <textarea
              {...input}
              className="mono"
              rows={rows}
              spellCheck={false}
              value={draft[field]}
              onChange={(event) => setDraft({ ...draft, [field]: event.target.value })}
            />
          )}
        </Field>
      ))}
      <label className="switch">
        <input
          type="checkbox"
          checked={draft.collapse}
          onChange={(event) => setDraft({ ...draft, collapse: event.target.checked })}
        />
        <span>Show each product once, whatever its variants</span>
      </label>
      <div className="button-row start">
        <button type="submit" className="button primary" disabled={saving.isRunning}>
          Save settings
        </button>
      </div>
    </form>
  );
}

function readable(draft: SettingsDraft): Partial<ShopSettings> {
  try {
    return settingsOf(draft);
  } catch (error) {
    const { message } = error as Error;
    throw new ApiError({ message, code: "unreadable", status: 0, requestId: "not sent", service: "admin_server" });
  }
}
