/** Tells by name and value which variables of an environment are not to be handed on unasked. */
import { SHAPES } from './secret-shapes.ts';

/** `PWD` and `OLDPWD`, which every shell sets, are folders. */
const SECRET_NAME = /KEY|TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|_(?:PASS|PWD|PAT)$/i;
/** `Server=db;Password=…`, as databases of Microsoft and others are connected to. */
const CONNECTION = /\b(?:password|passwd|pwd|accountkey|sharedaccesskey|sig)=[^;&\s]/i;
const MAX_TRIED_CHARACTERS = 64 * 1024;

/**
 * Names by which programs are told where to find or ask for a credential: what is behind them is as good as
 * the credential, though the value itself is none.
 */
const DOOR_NAME = new RegExp(
  [
    // What a server is reached by, mostly with its password.
    '(?:^|_)(?:DATABASE|DB|PG|POSTGRES|POSTGRESQL|MYSQL|MARIADB|MONGO|MONGODB|REDIS|AMQP|RABBITMQ|CLICKHOUSE|ELASTICSEARCH|BROKER)_UR[IL]$',
    '(?:^|_)(?:DSN|CONNECTION_?STRING|CONN_?STR|WEBHOOK(?:_URL)?)$',
    '^AzureWebJobsStorage$',
    // Who is signed in.
    '(?:^|_)(?:AUTH|COOKIE|COOKIES|CREDS?|PASSCODE|PSW|BEARER|JWT|SAS)(?:_|$)',
    '^(?:BW|OP)_SESSION',
    // Agents that sign, and servers that do as they are told.
    '_SOCK(?:ET)?$',
    '^(?:DOCKER_HOST|CONTAINER_HOST|GPG_AGENT_INFO|DBUS_SESSION_BUS_ADDRESS)$',
    // Files and folders of credentials.
    '^(?:KUBECONFIG|DOCKER_CONFIG|NETRC|CURL_HOME|GNUPGHOME|PGPASSFILE|PGSERVICEFILE|KRB5CCNAME|XAUTHORITY)$',
    '^(?:AWS_(?:DEFAULT_)?PROFILE|AWS_CONFIG_FILE|CLOUDSDK_CONFIG|AZURE_CONFIG_DIR|GH_CONFIG_DIR|GLAB_CONFIG_DIR)$',
    '^(?:NPM_CONFIG_USERCONFIG|PIP_CONFIG_FILE|CARGO_HOME|GIT_CONFIG_GLOBAL)$',
    '_ASKPASS$',
  ].join('|'),
  'i',
);
/** An address of a socket of this machine: `unix:path=/run/bus`, `/tmp/agent.sock`. */
const SOCKET = /^unix:|\.sock(?:et)?$/i;

/** Whether a variable of this name most likely holds a secret. */
export const looksSecret = (name: string): boolean => SECRET_NAME.test(name);

/** Whether a variable holds a secret, by its name or by what stands in it. */
export const holdsSecret = (name: string, value = ''): boolean =>
  looksSecret(name) || looksLikeSecret(value.slice(0, MAX_TRIED_CHARACTERS));

/** Whether a person has to give it by name: it holds a secret, or opens the door to one. */
export const needsConsent = (name: string, value = ''): boolean =>
  DOOR_NAME.test(name) || SOCKET.test(value) || holdsSecret(name, value);

const looksLikeSecret = (value: string): boolean =>
  CONNECTION.test(value) || SHAPES.some(({ pattern }) => value.search(pattern) >= 0);
