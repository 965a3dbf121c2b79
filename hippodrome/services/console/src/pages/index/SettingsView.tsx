// What an index is made of, how full it is, and how a program reaches it.
import type { ReactNode } from "react";
import { readSettings, readStats } from "../../api/indexes";
import type { IndexSettings, IndexStats } from "../../api/types";
import { Code } from "../../parts/Code";
import { Problem } from "../../parts/Problem";
import { Waiting } from "../../parts/Waiting";
import { keys } from "../../state/keys";
import { useResource } from "../../state/resource";
import { fromPython, fromShell } from "./snippets";

export function SettingsView({ name }: { name: string }) {
  const { value: settings, error } = useResource(keys.settings(name), (signal) => readSettings(name, signal));
  const { value: stats } = useResource(keys.stats(name), (signal) => readStats(name, signal));
  return (
    <section className="settings" aria-label="Settings">
      {error && <Problem error={error} title="The settings cannot be read" />}
      {stats && <Stats stats={stats} />}
      {settings === undefined && !error && <Waiting what="settings" lines={6} />}
      {settings && <Settings settings={settings} />}
      <h2>Use it from a program</h2>
      <div className="snippets">
        <Code text={fromPython(name)} what="Python example" />
        <Code text={fromShell(name)} what="shell example" />
      </div>
      {settings && (
        <details className="raw">
          <summary>All settings as JSON</summary>
          <Code text={JSON.stringify(settings, null, 2)} what="settings" />
        </details>
      )}
    </section>
  );
}

function Stats({ stats }: { stats: IndexStats }) {
  const { memoryUsedPercentage: memory, storageUsedPercentage: storage } = stats.backend ?? {};
  return (
    <dl className="figures">
      <Figure name="Documents" value={stats.numberOfDocuments.toLocaleString("en")} />
      <Figure name="Vectors" value={stats.numberOfVectors.toLocaleString("en")} />
      {memory != null && <Figure name="Memory used" value={`${memory.toFixed(1)} %`} />}
      {storage != null && <Figure name="Storage used" value={`${storage.toFixed(1)} %`} />}
    </dl>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div className="card">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Settings({ settings }: { settings: IndexSettings }) {
  return (
    <dl className="card setting-list">
      {described(settings).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function described(settings: IndexSettings): [string, ReactNode][] {
  const { textPreprocessing: text, annParameters: ann } = settings;
  const rows: [string, ReactNode][] = [
    ["Model", settings.model],
    ["Type", settings.type],
    ["Vectors", vectors(settings)],
    [
      "Text is split by",
      text && `${text.splitLength} ${text.splitMethod}, overlapping by ${text.splitOverlap}`,
    ],
    ["Distance", ann?.spaceType],
    ["Graph", ann && `efConstruction ${ann.parameters.efConstruction}, m ${ann.parameters.m}`],
    [
      "Filterable texts",
      settings.filterStringMaxLength && `up to ${settings.filterStringMaxLength} characters`,
    ],
    ["Fields", settings.allFields?.map(({ name, type }) => `${name} (${type})`).join(", ")],
    ["Tensor fields", settings.tensorFields?.join(", ")],
  ];
  return rows.filter(([, value]) => Boolean(value));
}

function vectors({ vectorNumericType: type, normalizeEmbeddings: isNormal }: IndexSettings): string {
  const length = isNormal === undefined ? "" : isNormal ? "normalised" : "as the model gives them";
  return [type, length].filter(Boolean).join(", ");
}
