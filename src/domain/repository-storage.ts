/** Access to S3 as it holds at this moment. */
interface StorageKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Where the repositories of one storage location lie, in terms that an engine of its own can use. */
export type RepositoryStorage =
  | {
      readonly kind: 's3';
      readonly bucket: string;
      /** Of the location, with a slash at its end unless it is empty. */
      readonly prefix: string;
      /** `host[:port]`. */
      readonly endpoint: string;
      readonly tls: boolean;
      readonly verifyTls: boolean;
      readonly region?: string;
      /** PEM of the authorities to trust. */
      readonly caCert?: string;
      readonly keys: () => Promise<StorageKeys>;
    }
  | {
      readonly kind: 'filesystem';
      /** Absolute, bucket and prefix included. */
      readonly folder: string;
    };
