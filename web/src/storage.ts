// What this browser keeps for itself. One that refuses cookies refuses this too: then it forgets.

export function load<T>(name: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(`vega.${name}`);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

/** Whether it was kept. */
export function save(name: string, value: unknown): boolean {
  try {
    localStorage.setItem(`vega.${name}`, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
