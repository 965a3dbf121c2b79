// Signing in with the user pool, in the JSON protocol of Cognito's SDKs.
import { links } from "../state/links";
import { answerOf } from "./client";

const TARGET = "AWSCognitoIdentityProviderService.";

export interface Tokens {
  readonly IdToken: string;
  readonly AccessToken: string;
  /** Not given again when tokens are renewed. */
  readonly RefreshToken?: string;
}

/** A new password is asked for before there are tokens: an administrator has made the user. */
export interface Challenge {
  readonly ChallengeName: "NEW_PASSWORD_REQUIRED";
  readonly Session: string;
}

export type Outcome = { readonly AuthenticationResult: Tokens } | Challenge;

export function isChallenge(outcome: Outcome): outcome is Challenge {
  return "ChallengeName" in outcome;
}

export function initiate(email: string, password: string): Promise<Outcome> {
  return operation("InitiateAuth", {
    ClientId: links.cognitoClient,
    AuthFlow: "USER_PASSWORD_AUTH",
    AuthParameters: { USERNAME: email, PASSWORD: password },
  });
}

export function answerChallenge(challenge: Challenge, email: string, password: string): Promise<Outcome> {
  return operation("RespondToAuthChallenge", {
    ClientId: links.cognitoClient,
    ChallengeName: challenge.ChallengeName,
    Session: challenge.Session,
    ChallengeResponses: { USERNAME: email, NEW_PASSWORD: password },
  });
}

export async function renewTokens(refreshToken: string): Promise<Tokens> {
  const { AuthenticationResult } = await operation<{ AuthenticationResult: Tokens }>("InitiateAuth", {
    ClientId: links.cognitoClient,
    AuthFlow: "REFRESH_TOKEN_AUTH",
    AuthParameters: { REFRESH_TOKEN: refreshToken },
  });
  return AuthenticationResult;
}

export async function revoke(refreshToken: string): Promise<void> {
  await operation("RevokeToken", { ClientId: links.cognitoClient, Token: refreshToken });
}

async function operation<T>(name: string, body: object): Promise<T> {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": TARGET + name };
  return (await answerOf<T>("cognito", "/", { method: "POST", body, headers })).body;
}
