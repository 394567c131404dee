/** Builders and images; a directory or a container is named after them. */
export const namePattern = /^[A-Za-z][A-Za-z0-9._-]{0,69}$/;
