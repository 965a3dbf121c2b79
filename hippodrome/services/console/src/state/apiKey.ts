// The key that every request carries.
import { stored } from "./stored";

export const DEFAULT_API_KEY = "local-admin-key";
export const apiKey = stored("hippodrome.apiKey", DEFAULT_API_KEY);
