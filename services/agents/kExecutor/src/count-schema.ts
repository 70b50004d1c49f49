// A whole number from 0 on, as it stands in schemas with what it counts.

import Type from "typebox";

export const Count = (title: string, description: string) => Type.Integer({ minimum: 0, title, description });
