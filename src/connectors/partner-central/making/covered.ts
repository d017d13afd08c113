/** A shape to cut out of a record: a member is taken whole (`true`), or in part. */
type Shape = { readonly [member: string]: true | Shape };

/** What a template shows, and where it stands: in a snapshot's payload, and in the record that is copied. */
interface Template {
  /** The union member of the payload: not always the template's name. */
  readonly payload: string;
  /** The operation that reads what is copied, and the member of its request that names the resource. */
  readonly source: { readonly operation: 'GetOpportunity' | 'GetAwsOpportunitySummary'; readonly identifier: string };
  /** Members of the payload. */
  readonly shape: Shape;
  /** Names that differ in the record that is copied. */
  readonly renamed: Readonly<Record<string, string>>;
}

/** The templates as the service's model (2022-07-26) has them. */
export const TEMPLATES: Readonly<Record<string, Template>> = {
  OpportunitySummaryView: {
    payload: 'OpportunitySummary',
    source: { operation: 'GetOpportunity', identifier: 'Identifier' },
    shape: {
      OpportunityType: true,
      Lifecycle: { TargetCloseDate: true, ReviewStatus: true, Stage: true, NextSteps: true },
      OpportunityTeam: true,
      PrimaryNeedsFromAws: true,
      Customer: true,
      Project: {
        DeliveryModels: true,
        ExpectedCustomerSpend: true,
        ExpectedContractDuration: true,
        CustomerUseCase: true,
        SalesActivities: true,
        OtherSolutionDescription: true,
      },
      RelatedEntityIdentifiers: true,
    },
    renamed: { Lifecycle: 'LifeCycle' },
  },
  AwsOpportunitySummaryFullView: {
    payload: 'AwsOpportunitySummaryFullView',
    source: { operation: 'GetAwsOpportunitySummary', identifier: 'RelatedOpportunityIdentifier' },
    shape: {
      RelatedOpportunityId: true,
      Origin: true,
      InvolvementType: true,
      Visibility: true,
      LifeCycle: true,
      OpportunityTeam: true,
      Insights: true,
      InvolvementTypeChangeReason: true,
      RelatedEntityIds: true,
      Customer: true,
      Project: true,
      CosellMotion: true,
      SoftwareRevenue: true,
    },
    renamed: {},
  },
};

/** What the template shows of the record that would be copied, in a form that can be compared. */
export function shownOf(template: Template, record: unknown): string {
  return JSON.stringify(cut(record, template.shape, template.renamed) ?? {});
}

/** The same of a snapshot's payload; undefined where it holds no such payload. */
export function shownIn(template: Template, payload: unknown): string | undefined {
  const view = member(payload, template.payload);
  return view === undefined ? undefined : JSON.stringify(cut(view, template.shape, {}) ?? {});
}

function cut(record: unknown, shape: Shape, renamed: Readonly<Record<string, string>>): unknown {
  const taken = Object.entries(shape).map(([name, part]) => {
    const value = member(record, renamed[name] ?? name);
    return [name, part === true ? plain(value, name) : cut(value, part, {})] as const;
  });
  return withoutEmpty(taken);
}

/**
 * One spelling for what means the same: members in order, without those that say nothing (the
 * service leaves some out and spells others out as null), amounts without needless zeros (`531.0`
 * and `531` are both printed for one amount).
 */
function plain(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => plain(item, name) ?? null);
  if (value !== null && typeof value === 'object') {
    return withoutEmpty(
      Object.entries(value)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, item]) => [key, plain(item, name === 'TotalAmountByCategory' ? 'Amount' : key)] as const),
    );
  }
  if (value === null || value === '') return undefined;
  if (typeof value === 'string' && name.endsWith('Amount'))
    return value.replace(/(\.\d*?)0*$/, '$1').replace(/\.$/, '');
  return value;
}

function withoutEmpty(entries: readonly (readonly [string, unknown])[]): unknown {
  const full = entries.filter(([, value]) => value !== undefined);
  return full.length === 0 ? undefined : Object.fromEntries(full);
}

function member(record: unknown, name: string): unknown {
  return record !== null && typeof record === 'object' ? (record as Record<string, unknown>)[name] : undefined;
}
