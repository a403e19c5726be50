/** Version of this program, as facts and the API name it. */
export const APP_VERSION = '0.1.0';
