/** Why a provider could not be asked, in words that say what to mend. */

import { howToStart, isLocal } from './local-server.ts';
import type { KeySource, ProviderRow } from './models-config.ts';
import type { ProbeFailure } from './probe-model.ts';

export interface FailureCause {
  readonly cause: string;
  readonly fix: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Asked {
  readonly row: ProviderRow;
  readonly model: string;
  readonly env: Environment;
}

export function failureCause(failure: ProbeFailure, asked: Asked): FailureCause {
  const { cause, kind, message } = failure;
  if (cause !== undefined && 'status' in cause) return ofStatus(cause.status, failure, asked);
  if (cause !== undefined) return ofCode(cause.code, asked) ?? unknownWay(message, asked);
  if (kind === 'timeout') return { cause: message, fix: proxyFix(asked) ?? 'try again later' };
  return unknownWay(message, asked);
}

function ofStatus(status: number, { message }: ProbeFailure, asked: Asked): FailureCause {
  const { row, model } = asked;
  const said = message.slice(message.indexOf(':') + 1).trim();
  switch (status) {
    case 401:
    case 403:
      return { cause: `the key was refused (${status}): ${said}`, fix: keyFix(row) };
    case 402:
      return { cause: `the account may not spend (402): ${said}`, fix: 'look at its balance' };
    case 404:
      return {
        cause: `no model ${model}, or nothing at this address (404): ${said}`,
        fix: `check the name of the model, and base_url (${row.baseUrl}), which ends with its version`,
      };
    case 429:
      return {
        cause: `it refuses for too many calls (429): ${said}`,
        fix: 'wait, then test again',
      };
    default:
      return status >= 500
        ? { cause: `the server failed (${status}): ${said}`, fix: 'try again later' }
        : { cause: `it refused the request (${status}): ${said}`, fix: 'see its documentation' };
  }
}

function keyFix({ key, name }: ProviderRow): string {
  const from = keyText(key);
  return from === undefined
    ? `it wants a key: whaleflow config set providers.${name}.api_key_env MY_KEY`
    : `the key comes from ${from}`;
}

function keyText(key: KeySource | undefined): string | undefined {
  if (key === undefined) return undefined;
  return key.type === 'env' ? `the variable ${key.name}` : 'its key command';
}

function ofCode(code: string, asked: Asked): FailureCause | undefined {
  const { host, hostname } = new URL(asked.row.baseUrl);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      cause: `the name ${hostname} cannot be resolved (DNS, ${code})`,
      fix: proxyFix(asked) ?? 'check base_url and your network',
    };
  }
  if (code === 'ECONNREFUSED') {
    return {
      cause: `nothing listens at ${host} (${code})`,
      fix: isLocal(asked.row)
        ? `${howToStart(asked.row, asked.model)}     or mend base_url`
        : 'start the server, or mend base_url',
    };
  }
  if (/WRONG_VERSION_NUMBER|EPROTO|PACKET_LENGTH/.test(code)) {
    return { cause: `${host} speaks no TLS (${code})`, fix: 'base_url begins with http:// there' };
  }
  if (/CERT|SELF_SIGNED|VERIFY|TLS|SSL/.test(code)) {
    return {
      cause: `the certificate of ${host} is not trusted (TLS, ${code})`,
      fix: 'name the authority that signed it: NODE_EXTRA_CA_CERTS=FILE',
    };
  }
  if (/TIMEOUT|TIMEDOUT|UNREACH/.test(code)) {
    return {
      cause: `${host} cannot be reached (${code})`,
      fix: proxyFix(asked) ?? 'check your network',
    };
  }
  return undefined;
}

const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY'];

/** Node takes proxies from the environment only when it is told to. */
function proxyFix({ env }: Asked): string | undefined {
  const named = PROXIES.find((name) => (env[name] ?? '') !== '');
  if (named === undefined) return undefined;
  return env['NODE_USE_ENV_PROXY'] === '1'
    ? `the proxy of ${named} may be at fault`
    : `${named} is set, and Node uses it only with NODE_USE_ENV_PROXY=1`;
}

function unknownWay(message: string, asked: Asked): FailureCause {
  return {
    cause: message,
    fix: proxyFix(asked) ?? `is there a model server at ${asked.row.baseUrl}?`,
  };
}
