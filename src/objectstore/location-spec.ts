/** One key of a Secret in the namespace of the server. */
export interface SecretKey {
  readonly name: string;
  readonly key: string;
}

/** The part of a BackupStorageLocation's `spec` that says where the objects are and how to get in. */
export interface LocationSpec {
  readonly provider: string;
  readonly objectStorage?: {
    readonly bucket: string;
    readonly prefix?: string;
    /** base64 of PEM. */
    readonly caCert?: string;
    readonly caCertRef?: SecretKey;
  };
  readonly config?: Readonly<Record<string, string>>;
  readonly credential?: SecretKey;
  readonly accessMode?: string;
}

/** What opening a location needs from its surroundings. */
export interface LocationEnvironment {
  /** The bytes of one key of a Secret in the namespace of the server; undefined if Secret or key is missing. */
  readSecret(name: string, key: string): Promise<Buffer | undefined>;
  /**
   * Makes the download link for a file of a `filesystem` location; the path is absolute, below the folder of the
   * bucket. Absent: such locations give no links.
   */
  readonly filesystemSign?: (path: string, seconds: number) => string;
  /** Absent: the environment variable `AWS_SHARED_CREDENTIALS_FILE`. */
  readonly defaultCredentialsFile?: string;
}
